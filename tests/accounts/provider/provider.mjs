// A real OpenID provider for tests: signs in whoever /control says, and can be told to hand out bad tokens.
import { createServer } from "node:http";
import { Provider } from "oidc-provider";
import * as jose from "jose";

const port = Number(process.argv[2]);
const callbacks = process.argv[3].split(",");
const issuer = `http://localhost:${port}`;
const make = async (kid) => ({ ...(await jose.exportJWK((await jose.generateKeyPair("RS256", { extractable: true })).privateKey)), kid, use: "sig", alg: "RS256" });
const [ours, foreign] = [await make("one"), await make("one")];
const SECRET = "a-secret-of-the-test-client-0123456789";
let person = { sub: "nobody" }, bad = "";

const provider = new Provider(issuer, {
  clients: [
    { client_id: "yba", client_secret: SECRET, redirect_uris: callbacks, response_types: ["code"], grant_types: ["authorization_code"], token_endpoint_auth_method: "client_secret_post" },
  ],
  jwks: { keys: [ours] },
  cookies: { keys: ["for-tests-only"] },
  pkce: { required: () => true },
  acrValues: ["1", "2"],
  conformIdTokenClaims: false,
  scopes: ["openid", "profile"],
  claims: { openid: ["sub"], profile: ["name", "birthdate", "citizen_number", "preferred_username", "loa"] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, id) => ({ accountId: id, claims: async () => ({ ...person, sub: id }) }),
});

provider.use(async (ctx, next) => {
  await next();
  if (ctx.path !== "/token" || !bad || !ctx.body?.id_token) return;
  const claims = jose.decodeJwt(ctx.body.id_token);
  if (bad === "audience") claims.aud = "another-client";
  if (bad === "azp") { claims.aud = ["yba", "another-client"]; claims.azp = "another-client"; }
  if (bad === "nonce") claims.nonce = "another";
  if (bad === "issuer") claims.iss = "https://another.example";
  if (bad === "expired") { claims.iat -= 7200; claims.exp = claims.iat + 60; }
  const sign = (key, head) => new jose.SignJWT(claims).setProtectedHeader(head).sign(key);
  if (bad === "none") ctx.body.id_token = new jose.UnsecuredJWT(claims).encode();
  else if (bad === "secret") ctx.body.id_token = await sign(new TextEncoder().encode(SECRET), { alg: "HS256", kid: "one" });
  else ctx.body.id_token = await sign(await jose.importJWK(bad === "foreign" ? foreign : ours, "RS256"), { alg: "RS256", kid: bad === "unknown-key" ? "two" : "one" });
  if (bad === "missing") delete ctx.body.id_token;
});

const handler = provider.callback();
createServer(async (request, response) => {
  const url = new URL(request.url, issuer);
  if (url.pathname === "/control") {
    let body = "";
    for await (const part of request) body += part;
    ({ person = person, bad = "" } = JSON.parse(body));
    return response.end("ok");
  }
  if (url.pathname.startsWith("/interaction/")) {
    const details = await provider.interactionDetails(request, response);
    if (person.sub === "refuses") return provider.interactionFinished(request, response, { error: "access_denied" });
    const grant = new provider.Grant({ accountId: person.sub, clientId: details.params.client_id });
    grant.addOIDCScope("openid profile");
    return provider.interactionFinished(request, response, { login: { accountId: person.sub, remember: false }, consent: { grantId: await grant.save() } });
  }
  return handler(request, response);
}).listen(port, "127.0.0.1", () => console.log("ready"));
