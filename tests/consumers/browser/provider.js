// A real OpenID provider on this machine, as an operator would set one up for Tillsammans: access tokens are JWTs
// (RFC 9068) for one audience, people sign in by code and PKCE, systems by a signature. Anybody may be anybody.
//
//   node provider.js '{"audience": …, "origin": …, "systems": {"client id": {"keys": [public JWK]}}}'
//
// It prints its issuer when it is ready, and ends with its standard input.

import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const { audience, origin, systems } = JSON.parse(process.argv[2]);
const privateKey = (kind, options) => generateKeyPairSync(kind, options).privateKey.export({ format: "jwk" });

const page = {
  client_id: "browser-example",
  redirect_uris: [`${origin}/`],
  token_endpoint_auth_method: "none",
};
const system = ([client_id, jwks]) => ({
  client_id,
  jwks,
  token_endpoint_auth_method: "private_key_jwt",
  grant_types: ["client_credentials"],
  response_types: [],
  redirect_uris: [],
});

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [page, ...Object.entries(systems).map(system)],
    clientBasedCORS: (_context, from) => from === origin,
    cookies: { keys: ["of this test"] },
    jwks: { keys: [{ ...privateKey("ec", { namedCurve: "P-256" }), use: "sig", alg: "ES256" },
                   { ...privateKey("rsa", { modulusLength: 2048 }), use: "sig", alg: "RS256" }] },
    findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    // What a provider says of its own accord must widen nothing at Tillsammans.
    extraTokenClaims: () => ({ role: "system_admin", permissions: ["user.create"], municipalityCode: "0483" }),
    scopes: ["openid", "tillsammans"],
    ttl: { AccessToken: 600, ClientCredentials: 600, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
    features: {
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        useGrantedResource: () => true,
        getResourceServerInfo: (_context, _resource, client) => ({
          audience,
          scope: "tillsammans",
          accessTokenFormat: "jwt",
          // Both algorithms that the Swedish profile demands.
          jwt: { sign: { alg: client.clientId === page.client_id ? "ES256" : "RS256" } },
        }),
      },
    },
  });
  server.on("request", provider.callback());
  console.log(issuer);
});
process.stdin.resume().on("end", () => process.exit());
