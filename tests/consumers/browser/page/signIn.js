// Signing in from a page: authorization code with PKCE, all addresses by discovery. The same for every provider.

const redirectUri = `${location.origin}/`;

/** Leave for the provider's own page; the person comes back to this page with a code. */
export async function leaveForSignIn({ issuer, clientId }) {
  const discovery = await discover(issuer);
  const visit = { issuer, clientId, state: randomText(), verifier: randomText() };
  sessionStorage.setItem("visit", JSON.stringify(visit));
  const page = new URL(discovery.authorization_endpoint);
  page.search = new URLSearchParams({
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: "openid tillsammans",
    state: visit.state,
    code_challenge: base64url(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(visit.verifier))),
    code_challenge_method: "S256",
  });
  location.assign(page);
}

/** The access token when the person has just come back; null when nobody has signed in. */
export async function tokenAfterSignIn() {
  const answer = new URLSearchParams(location.search);
  if (!answer.has("state")) return null;
  history.replaceState(null, "", redirectUri); // the code is used up; nobody shall share or reload it
  const { issuer, clientId, state, verifier } = JSON.parse(sessionStorage.getItem("visit") ?? "{}");
  sessionStorage.removeItem("visit");
  // RFC 9700: an answer to somebody else's question, or of another provider, is not looked at.
  if (answer.get("state") !== state || answer.get("iss") !== issuer) throw new Error("an answer nobody asked for");
  if (!answer.has("code")) throw new Error(answer.get("error_description") ?? answer.get("error"));
  const discovery = await discover(issuer);
  const response = await fetch(discovery.token_endpoint, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      client_id: clientId,
      redirect_uri: redirectUri,
      code: answer.get("code"),
      code_verifier: verifier,
    }),
  });
  const granted = await response.json();
  if (!response.ok) throw new Error(granted.error_description ?? granted.error);
  return granted.access_token;
}

async function discover(issuer) {
  const document = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
  if (document.issuer !== issuer) throw new Error("the provider names another issuer");
  return document;
}

const randomText = () => base64url(crypto.getRandomValues(new Uint8Array(32)));
const base64url = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
