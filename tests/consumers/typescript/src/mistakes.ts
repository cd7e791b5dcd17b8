// What the compiler catches before a user does. Each line below is wrong, and the build fails when one is not.

import type { Client } from "openapi-fetch";
import type { Schemas } from "./api.js";
import type { paths } from "./generated/api.js";

export function mistakes(api: Client<paths>, record: Schemas["Case"]) {
  const params = { path: { caseId: record.id } };

  // @ts-expect-error a field that the contract does not have
  const child: Schemas["ChildCreate"] = { familyName: "Ek", personnummer: "x" };
  void api.POST("/children", { body: child });
  // @ts-expect-error a required field is missing
  void api.POST("/cases", { body: { childId: record.child.id, entryRoute: "professional" } });
  // @ts-expect-error a code that no list has
  void api.GET("/cases", { params: { query: { status: ["open"] } } });
  // @ts-expect-error cases are not sorted by name
  void api.GET("/cases", { params: { query: { sortBy: "familyName" } } });
  // @ts-expect-error a change says which version it changes
  void api.PATCH("/cases/{caseId}", { params, body: { reasonText: "x" } });
  // @ts-expect-error the button may not be there
  void record._links.activation.href;
  // @ts-expect-error nobody may be the one to call yet
  void record.namedContact.name;
  // @ts-expect-error there is no such operation
  void api.DELETE("/cases/{caseId}", { params });
}
