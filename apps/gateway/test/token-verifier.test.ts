import { createSecretKey } from "node:crypto";
import { exportSPKI, importJWK, SignJWT } from "jose";
import { expect, test } from "vitest";
import { signingKeys } from "../src/sign-in/signing-keys.ts";
import { type TokenRules, tokenVerifier } from "../src/sign-in/token-verifier.ts";
import { AUDIENCE, type Issuer, newKey, startIssuer, unsigned } from "./support/issuer.ts";

function verifierOf(issuer: Issuer, rules: Partial<TokenRules> = {}, now: () => number = Date.now) {
  const roles = { reader: ["Referral.Reader"], user: ["Referral.User"], admin: ["Referral.Admin"] };
  const usual = {
    issuer: issuer.url,
    audience: [AUDIENCE, "other-audience"],
    algorithms: ["RS256", "ES256"],
    rolesClaim: "roles",
    roles,
  };
  return tokenVerifier({ ...usual, ...rules }, signingKeys(issuer.jwksUrl, now).find);
}

const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1_000) + seconds;

test("a good token tells subject, strongest role and end", async () => {
  const issuer = await startIssuer();
  const verify = verifierOf(issuer);
  const exp = inSeconds(600);
  const claims = { sub: "jo", roles: ["Referral.Reader", "Other", "Referral.User"], exp };
  expect(await verify(await issuer.token({ claims }))).toEqual({
    subject: "jo",
    role: "user",
    expiresAt: (exp + 30) * 1_000,
  });
  const several = { aud: ["somebody-else", "other-audience"] };
  expect(await verify(await issuer.token({ claims: several }))).toMatchObject({ role: "admin" });
  expect(issuer.looks()).toBe(1);
});

test.each<[name: string, claims: Record<string, unknown>, says: RegExp]>([
  ["expired", { exp: inSeconds(-60) }, /expired/],
  ["not yet good", { nbf: inSeconds(120) }, /nbf/],
  ["for somebody else", { aud: "api://other" }, /aud/],
  ["for nobody", { aud: undefined }, /aud/],
  ["of another issuer", { iss: "https://login.example/other" }, /iss/],
  ["without an end", { exp: undefined }, /exp/],
  ["with an end that is no number", { exp: "tomorrow" }, /exp/],
  ["without a subject", { sub: undefined }, /sub/],
  ["with an empty subject", { sub: "" }, /subject/],
])("a token that is %s is refused with 401", async (_name, claims, says) => {
  const issuer = await startIssuer();
  const token = await issuer.token({ claims });
  await expect(verifierOf(issuer)(token)).rejects.toMatchObject({
    status: 401,
    code: "UNAUTHENTICATED",
    message: expect.stringMatching(says),
  });
});

test("clocks may differ by half a minute", async () => {
  const issuer = await startIssuer();
  const verify = verifierOf(issuer);
  const claims = { exp: inSeconds(-15), nbf: inSeconds(15), iat: inSeconds(15) };
  expect(await verify(await issuer.token({ claims: { exp: claims.exp } }))).toBeDefined();
  expect(
    await verify(await issuer.token({ claims: { nbf: claims.nbf, iat: claims.iat } })),
  ).toBeDefined();
});

test("unsigned, foreign, swapped and broken tokens are refused with 401", async () => {
  const issuer = await startIssuer();
  const verify = verifierOf(issuer);
  const good = await issuer.token();
  const [header = "", payload = "", signature = ""] = good.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as Record<
    string,
    unknown
  >;
  const altered = Buffer.from(JSON.stringify({ ...claims, sub: "other" })).toString("base64url");
  // The public key as an HMAC secret: the classic confusion of algorithms.
  const { keys } = (await (await fetch(issuer.jwksUrl)).json()) as {
    keys: [Record<string, string>];
  };
  const publicKey = await importJWK(keys[0], "RS256", { extractable: true });
  const pem = createSecretKey(Buffer.from(await exportSPKI(publicKey as never)));
  const confused = await new SignJWT(claims)
    .setProtectedHeader({ alg: "HS256", kid: keys[0].kid ?? "" })
    .sign(pem);
  const tokens = {
    unsigned: unsigned(claims),
    "another's key under its key id": await issuer.token({
      key: { ...(await newKey()), kid: keys[0].kid ?? "" },
    }),
    "an unknown key": await issuer.token({ key: await newKey() }),
    "an altered payload": `${header}.${altered}.${signature}`,
    "no signature": `${header}.${payload}.`,
    "HMAC with the public key": confused,
    nothing: "",
    words: "not-a-token",
    "many dots": "a.b.c.d.e",
  };
  for (const [name, token] of Object.entries(tokens)) {
    await expect(verify(token), name).rejects.toMatchObject({ status: 401 });
  }
});

test("an algorithm that is not pinned is refused, whatever keys the issuer has", async () => {
  const issuer = await startIssuer();
  await issuer.rotate("PS256");
  await expect(verifierOf(issuer)(await issuer.token())).rejects.toMatchObject({ status: 401 });
  const verify = verifierOf(issuer, { algorithms: ["PS256"] });
  expect(await verify(await issuer.token())).toBeDefined();
});

test("no role of ours is 403; roles may be named otherwise, nested, or a text", async () => {
  const issuer = await startIssuer();
  const of = async (claims: object, rules: Partial<TokenRules> = {}) =>
    verifierOf(issuer, rules)(await issuer.token({ claims: { roles: undefined, ...claims } }));
  await expect(of({})).rejects.toMatchObject({ status: 403, code: "FORBIDDEN" });
  await expect(of({ roles: ["Admin", "referral.admin"] })).rejects.toMatchObject({ status: 403 });
  await expect(of({ roles: { 0: "Referral.Admin" } })).rejects.toMatchObject({ status: 403 });
  const roles = { reader: [], user: ["sales", "presales"], admin: ["ops"] };
  expect(await of({ roles: ["presales"] }, { roles })).toMatchObject({ role: "user" });
  const nested = { realm_access: { roles: ["ops"] } };
  const keycloak = { roles, rolesClaim: "realm_access.roles" };
  expect(await of(nested, keycloak)).toMatchObject({ role: "admin" });
  const url = { roles, rolesClaim: "https://crm.example/roles" };
  expect(await of({ "https://crm.example/roles": ["ops"] }, url)).toMatchObject({ role: "admin" });
  expect(await of({ scp: "read sales" }, { roles, rolesClaim: "scp" })).toMatchObject({
    role: "user",
  });
  await expect(of({}, { roles, rolesClaim: "constructor.name" })).rejects.toMatchObject({
    status: 403,
  });
});

test("a key in the issuer's set that is none to check with is the token's fault, not a failure of ours", async () => {
  const issuer = await startIssuer();
  const verify = verifierOf(issuer);
  issuer.publish({ n: "A".repeat(171) }); // 1024 bits
  await expect(verify(await issuer.token())).rejects.toMatchObject({ status: 401 });
});

test("a new key is good at once, one that was taken back is not after the next look", async () => {
  const issuer = await startIssuer();
  const verify = verifierOf(issuer);
  await verify(await issuer.token());
  const old = await issuer.token();
  await issuer.rotate();
  const young = await issuer.token();
  // Keys were looked up a moment ago: an unknown one is looked up again two seconds later at the latest.
  await expect
    .poll(
      () =>
        verify(young).then(
          ({ subject }) => subject,
          () => "",
        ),
      { timeout: 10_000 },
    )
    .toBe("subject-1");
  await expect(verify(old)).rejects.toMatchObject({ status: 401 });
});

test("made-up key ids do not make the gateway ask the issuer again and again", async () => {
  const issuer = await startIssuer();
  const verify = verifierOf(issuer);
  await verify(await issuer.token());
  const before = issuer.looks();
  const key = await newKey();
  const tokens = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      issuer.token({ key, header: { kid: `made-up-${index}` } }),
    ),
  );
  await Promise.all(
    tokens.map((token) => expect(verify(token)).rejects.toMatchObject({ status: 401 })),
  );
  expect(issuer.looks() - before).toBeLessThanOrEqual(2);
});

test("an issuer that is away is 503 before its keys are known; afterwards they go on for a day", async () => {
  const issuer = await startIssuer();
  let nowMs = Date.now();
  const verify = verifierOf(issuer, {}, () => nowMs);
  const token = await issuer.token();
  issuer.goAway();
  await expect(verify(token)).rejects.toMatchObject({ status: 503, code: "SERVICE_UNAVAILABLE" });
  issuer.comeBack();
  expect(await verify(token)).toBeDefined();
  issuer.goAway();
  nowMs += 3_600_000;
  expect(await verify(token)).toBeDefined();
  nowMs += 24 * 3_600_000;
  await expect(verify(token)).rejects.toMatchObject({ status: 503 });
  issuer.comeBack();
  expect(await verify(token)).toBeDefined();
});

test("keys are looked up again in the background after a while", async () => {
  const issuer = await startIssuer();
  let nowMs = Date.now();
  const verify = verifierOf(issuer, {}, () => nowMs);
  const old = await issuer.token();
  await verify(old);
  await issuer.rotate();
  expect(await verify(old)).toBeDefined();
  nowMs += 11 * 60_000;
  await verify(old).catch(() => undefined);
  await expect
    .poll(
      () =>
        verify(old).then(
          () => "good",
          () => "refused",
        ),
      { timeout: 10_000 },
    )
    .toBe("refused");
});
