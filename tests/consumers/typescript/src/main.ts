// A frontend's day with Tillsammans in one page. Run it beside `make serve`:
//
//   npm ci && npm run generate && npm run build && npm start
//
// Everything that is sent and received below is typed by the contract; a wrong field does not compile.

import { ApiProblem, connect, sure, type Schemas } from "./api.js";
import { signIn } from "./signIn.js";

const server = process.env.TILLSAMMANS_URL ?? "http://127.0.0.1:8000";
const token = await signIn(`${server}/dev-idp`, "gnesta.school");
const api = connect(`${server}/tillsammans/v1`, token);

const me = sure(await api.GET("/me"));
console.log(`Signed in as ${me.name}: ${me.assignment.role}, ${me.assignment.unitName}`);

// Make something: with a key of its own, a POST may be sent again when the answer got lost.
const key = { header: { "Idempotency-Key": crypto.randomUUID() } };
const newChild = { givenName: "Alma", familyName: "Ek", birthDate: "2014-05-06", municipalityCode: "0461" };
const child = sure(await api.POST("/children", { params: key, body: newChild }));
const again = sure(await api.POST("/children", { params: key, body: newChild }));
console.log(`One child, though asked twice: ${child.id === again.id}`);

const newCase: Schemas["CaseCreate"] = {
  childId: child.id,
  entryRoute: "professional",
  reasonText: "Kommer sällan till skolan.",
};
const draft = sure(await api.POST("/cases", { body: newCase }));
console.log(`Case ${draft.caseNumber} is a ${draft.status}`);

// Page through a list: filter and size are typed, and `next` is there for as long as there is more.
let page = sure(await api.GET("/cases", { params: { query: { status: ["draft", "active"], limit: 2 } } }));
let pages = 1;
const found = [...page.items];
while (page._links.next) {
  page = await api.follow<Schemas["CasePage"]>(page._links.next);
  found.push(...page.items);
  pages += 1;
}
console.log(`${found.length} cases on ${pages} pages, mine among them: ${found.some((each) => each.id === draft.id)}`);

// Change it: only the version that was read. Whoever comes second is told, reads again, and decides anew.
const address = { path: { caseId: draft.id } };
const etag = (await api.GET("/cases/{caseId}", { params: address })).response.headers.get("ETag") ?? "";
const change = async (version: string, reasonText: string) =>
  sure(
    await api.PATCH("/cases/{caseId}", {
      params: { ...address, header: { "If-Match": version } },
      body: { reasonText, correctionReason: "Preciserat efter samtal." },
    }),
  );
const changed = await change(etag, "Har inte varit i skolan på tre veckor.");
console.log(`Version ${draft.version} became ${changed.version}`);
try {
  await change(etag, "Skriver över någon annans text.");
} catch (error) {
  if (!(error instanceof ApiProblem) || error.problem.code !== "precondition-failed") throw error;
  console.log(`Nobody is overwritten: ${error.problem.status} ${error.problem.code}`);
}

// Handle a problem: by its code, which never changes; the texts are for people, in the language they asked for.
const wrong = await api.POST("/cases", {
  params: { header: { "Accept-Language": "sv" } },
  body: { ...newCase, reasonText: "" },
});
for (const field of wrong.error?.errors ?? []) {
  console.log(`Beside the field ${field.pointer}: ${field.message}`);
}
const second = await api.POST("/cases", { body: newCase });
switch (second.error?.code) {
  case "case-already-open":
    console.log(`There is one already: ${second.error.title}`);
    break;
  default:
    throw new Error(`unexpected: ${second.response.status}`);
}

// Press a button: an action has a link exactly when this caller may take it on this record now.
console.log(`Buttons: ${Object.keys(changed._links).join(" ")}`);
const activation = changed._links.activation;
if (!activation) throw new Error("this caller may not open the case");
const decision: Schemas["Activation"] = { analysisResult: "cooperation_needed", namedContactId: me.userId };
const active = await api.follow<Schemas["Case"]>(activation, decision);
console.log(`Case ${active.caseNumber} is ${active.status}; ${active.namedContact?.name} is the one to call`);
