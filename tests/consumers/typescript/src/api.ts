// The whole client: types from the contract, one header, one kind of error, and links that can be followed.

import createClient from "openapi-fetch";
import type { components, paths } from "./generated/api.js";

export type Schemas = components["schemas"];
export type Link = Schemas["Link"];

/** What went wrong, as the contract promises it on every error (RFC 9457). Branch on `problem.code`. */
export class ApiProblem extends Error {
  constructor(readonly problem: Schemas["Problem"]) {
    super(`${problem.status} ${problem.code}: ${problem.title}`);
  }
}

/** Every operation with its types, signed with a token. */
export function connect(baseUrl: string, token: string) {
  const api = createClient<paths>({ baseUrl });
  api.use({
    onRequest({ request }) {
      request.headers.set("Authorization", `Bearer ${token}`);
      return request;
    },
  });

  /** Go where a link of an answer leads: a button that the caller may press, or the next page. */
  async function follow<Answer>(link: Link, body?: unknown): Promise<Answer> {
    const headers: Record<string, string> = { Authorization: `Bearer ${token}` };
    const request: RequestInit = { method: link.method, headers };
    if (body !== undefined) {
      headers["Content-Type"] = "application/json";
      request.body = JSON.stringify(body);
    }
    if (link.method === "POST") {
      headers["Idempotency-Key"] = crypto.randomUUID();
    }
    const response = await fetch(link.href, request);
    const answer: unknown = await response.json();
    if (!response.ok) {
      throw new ApiProblem(answer as Schemas["Problem"]);
    }
    return answer as Answer;
  }

  return { ...api, follow };
}

/** The data of an answer; throws the problem when there is none. */
export function sure<Data>(answer: { data?: Data; error?: Schemas["Problem"]; response: Response }): Data {
  if (answer.error !== undefined) {
    throw new ApiProblem(answer.error);
  }
  return answer.data as Data;
}
