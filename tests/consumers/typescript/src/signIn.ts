// Signing in by authorization code with PKCE (RFC 6749, RFC 7636): what every app in a browser or on a phone does.
// All addresses come from the issuer's discovery document, so that a real provider differs by its address only.

interface Discovery {
  issuer: string;
  authorization_endpoint: string;
  token_endpoint: string;
}

export async function signIn(issuer: string, user: string): Promise<string> {
  const discovery = await json<Discovery>(fetch(`${issuer}/.well-known/openid-configuration`));
  const verifier = randomText();
  const redirectUri = "http://127.0.0.1:5173/callback";

  const page = new URL(discovery.authorization_endpoint);
  page.search = new URLSearchParams({
    response_type: "code",
    client_id: "typescript-example",
    redirect_uri: redirectUri,
    scope: "openid tillsammans",
    state: randomText(),
    code_challenge: await challengeOf(verifier),
    code_challenge_method: "S256",
  }).toString();
  const code = await signInAs(user, page);

  const form = new URLSearchParams({
    grant_type: "authorization_code",
    client_id: "typescript-example",
    redirect_uri: redirectUri,
    code,
    code_verifier: verifier,
  });
  const granted = await json<{ access_token: string }>(fetch(discovery.token_endpoint, { method: "POST", body: form }));
  return granted.access_token;
}

// A browser would show the page, and the person would pick who to be. The development issuer takes `subject` as well,
// and sends the code at once: that is how a program without a browser signs in as a demo user.
async function signInAs(user: string, page: URL): Promise<string> {
  const state = page.searchParams.get("state");
  page.searchParams.set("subject", user);
  const answer = await fetch(page, { redirect: "manual" });
  const back = new URL(answer.headers.get("location") ?? "about:blank").searchParams;
  const code = back.get("code");
  if (code === null || back.get("state") !== state) {
    throw new Error(`Not signed in: ${back.get("error_description") ?? answer.status}`);
  }
  return code;
}

async function challengeOf(verifier: string): Promise<string> {
  return base64url(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier)));
}

function randomText(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)).buffer);
}

function base64url(bytes: ArrayBuffer): string {
  return Buffer.from(bytes).toString("base64url");
}

async function json<T>(answer: Promise<Response>): Promise<T> {
  const response = await answer;
  if (!response.ok) {
    throw new Error(`${response.url}: ${response.status} ${await response.text()}`);
  }
  return (await response.json()) as T;
}
