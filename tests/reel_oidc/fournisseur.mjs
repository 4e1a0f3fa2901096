// An OpenID provider by other hands (oidc-provider), set up with Pro Santé Connect's claims.
// usage: node fournisseur.mjs <port> <portal's origin> <id_token algorithm>
// Who logs in is told by headers of the visitor: x-personne (a national id, or « refus ») and x-acr.
import Provider from "oidc-provider";
import { generateKeyPairSync } from "node:crypto";

const [port, origin, algorithm] = process.argv.slice(2);
const client = "viatrajectoire";

const pair = algorithm === "ES256"
  ? generateKeyPairSync("ec", { namedCurve: "P-256" })
  : generateKeyPairSync("rsa", { modulusLength: 2048 });
const other = generateKeyPairSync("rsa", { modulusLength: 2048 });
const jwk = (key, more) => ({ ...key.export({ format: "jwk" }), use: "sig", ...more });

const claims = (number) => ({
  sub: number,
  SubjectNameID: number,
  preferred_username: number,
  family_name: "DURAND",
  given_name: "BOB",
  SubjectRole: ["10^1.2.250.1.213.1.1.5.5"],
  Secteur_Activite: "SA07^1.2.250.1.71.4.2.4",
  SubjectRefPro: {
    codeCivilite: "M",
    exercices: [
      { codeProfession: "10", codeCategorieProfessionnelle: "C", codeSavoirFaire: "SM53", activities: [] },
    ],
  },
});

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: client,
    client_secret: "demonstration",
    redirect_uris: [`${origin}/connexion/ecps/retour`],
    post_logout_redirect_uris: [`${origin}/connexion/ecps/sortie`],
    id_token_signed_response_alg: algorithm,
  }],
  // A second key of another kind: the portal has to pick by the token's « kid ».
  jwks: { keys: [jwk(other.privateKey, { kid: "autre" }), jwk(pair.privateKey, { kid: "la-bonne", alg: algorithm })] },
  enabledJWA: { idTokenSigningAlgValues: ["RS256", "PS256", "ES256"] },
  acrValues: ["eidas1", "eidas0"],
  scopes: ["openid", "scope_all"],
  claims: {
    acr: null,
    openid: ["sub"],
    scope_all: Object.keys(claims("")).filter((name) => name !== "sub"),
  },
  pkce: { required: () => true },
  cookies: { keys: ["demonstration"] },
  features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_ctx, number) => ({ accountId: number, claims: () => claims(number) }),
});

provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith("/interaction/")) return next();
  const { prompt, session } = await provider.interactionDetails(ctx.req, ctx.res);
  const person = ctx.get("x-personne");
  let result;
  if (person === "refus") {
    result = { error: "access_denied" };
  } else if (prompt.name === "login") {
    result = { login: { accountId: person, acr: ctx.get("x-acr") } };
  } else {
    const grant = new provider.Grant({ accountId: session.accountId, clientId: client });
    grant.addOIDCScope("openid scope_all");
    result = { consent: { grantId: await grant.save() } };
  }
  ctx.respond = false;
  return provider.interactionFinished(ctx.req, ctx.res, result);
});

provider.listen(Number(port), "127.0.0.1", () => console.log("prêt"));
