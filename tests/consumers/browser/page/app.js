// A frontend without a framework: signs in, lists with pages and buttons, changes one record, draws a wheel.

import { leaveForSignIn, tokenAfterSignIn } from "./signIn.js";

const at = (id) => document.getElementById(id);
const settings = await (await fetch("settings.json")).json(); // {api, providers: [{name, issuer, clientId}]}
let token = null;

/** One request; the problem becomes the error, because every error of the API is a problem document. */
async function call(address, { method = "GET", body, ...headers } = {}) {
  const response = await fetch(address.startsWith("http") ? address : settings.api + address, {
    method,
    headers: { Authorization: `Bearer ${token}`, ...(body && { "Content-Type": "application/json" }), ...headers },
    body: body && JSON.stringify(body),
  });
  if (response.status >= 400) {
    const problem = await response.json();
    throw Object.assign(new Error(`${problem.status} ${problem.code}: ${problem.detail}`), { problem });
  }
  return response;
}

function element(name, text, properties = {}) {
  return Object.assign(document.createElement(name), { textContent: text, ...properties });
}

function say(name, value) {
  at("headers").append(element("dt", name), element("dd", value, { id: name }));
}

/** A button for each action, there exactly when this person may take it on this record now. */
function card(record) {
  const article = element("article", "", { id: record.id });
  article.append(element("strong", `${record.caseNumber} · ${record.status} · ${record.ownerUnitName}`), element("br"));
  for (const link of Object.values(record._links).filter((each) => each.method !== "GET")) {
    article.append(element("button", link.rel, { onclick: () => correct(record), disabled: link.rel !== "edit" }));
  }
  return article;
}

async function correct(record) {
  const read = await call(`/cases/${record.id}`);
  const answer = await call(`/cases/${record.id}`, {
    method: "PATCH",
    body: { reasonText: "Rättat från en annan sida.", correctionReason: "Fel ord." },
    "If-Match": read.headers.get("ETag"),
  });
  say("corrected", `${read.headers.get("ETag")} became ${answer.headers.get("ETag")}`);
}

async function listCases(address) {
  const response = await call(address);
  const page = await response.json();
  at("cases").append(...page.items.map(card));
  const next = /<([^>]+)>; rel="next"/.exec(response.headers.get("Link") ?? "");
  at("more").hidden = next === null;
  at("more").onclick = () => listCases(next[1]);
  return response;
}

async function drawWheel() {
  const page = await (await call("/wellbeing-assessments?limit=1")).json();
  const response = await call(page.items[0]._links.self.href);
  const etag = response.headers.get("ETag");
  const unchanged = await call(page.items[0]._links.self.href, { "If-None-Match": etag });
  say("etag", etag);
  say("unchanged", unchanged.status);
  const picture = await call(page.items[0]._links.picture.href, { "Accept-Language": "en" });
  at("wheel").src = URL.createObjectURL(await picture.blob());
  await at("wheel").decode();
}

async function start() {
  token = await tokenAfterSignIn();
  if (token === null) {
    const buttons = settings.providers.map((each) =>
      element("button", `Sign in at ${each.name}`, { id: each.name, onclick: () => leaveForSignIn(each).catch(show) }),
    );
    at("sign-in").append(...buttons);
    return;
  }
  const me = await (await call("/me")).json();
  at("who").textContent = `${me.name}, ${me.assignment.role}, ${me.assignment.unitName}`;
  at("signed-in").hidden = false;
  const cases = await listCases("/cases?limit=2");
  say("link", cases.headers.get("Link"));
  say("policy", cases.headers.get("RateLimit-Policy"));
  await drawWheel();
}

function show(error) {
  at("problem").textContent = error.message;
}

addEventListener("unhandledrejection", (event) => show(event.reason));
await start().catch(show);
document.body.dataset.state = "ready";
