import { ConfidentialClientApplication } from "@azure/msal-node";
import { expect, test } from "vitest";
import type { Simulator } from "../src/index.ts";
import { call, REFERRAL, start } from "./harness.ts";

const TENANT = "5d0f3a52-6e0b-4d55-9a6b-3f7f2a1c8e90";
const GOOD_FORM = {
  grant_type: "refresh_token",
  client_id: "2f1d8f0e-0d4f-4a1a-8a57-7b0c9a1e6d33",
  client_secret: "secret",
  refresh_token: "simulator-refresh-token",
  scope: "https://api.partner.microsoft.com/.default",
};

async function redeem(simulator: Simulator, change: Record<string, string | undefined> = {}) {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...GOOD_FORM, ...change })) {
    if (value !== undefined) form.set(name, value);
  }
  const url = simulator.tokenUrl.replace("{tenant}", TENANT);
  const response = await fetch(url, { method: "POST", body: form });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const readWith = (simulator: Simulator, token: unknown) =>
  call(simulator, "GET", REFERRAL, { headers: { authorization: `Bearer ${String(token)}` } });

test("a refresh token buys an access token that works, and a new refresh token", async () => {
  const simulator = await start();
  const { status, body } = await redeem(simulator);
  expect(status).toBe(200);
  expect(body).toMatchObject({ token_type: "Bearer", expires_in: 3600 });
  expect((await readWith(simulator, body.access_token)).status).toBe(200);
  const again = await redeem(simulator, { refresh_token: String(body.refresh_token) });
  expect(again.status).toBe(200);
  expect(again.body.refresh_token).not.toBe(body.refresh_token);
});

test("access tokens given out expire; the fixed one does not", async () => {
  const clock = { ms: 0 };
  const simulator = await start({ nowMs: () => clock.ms, accessTokenSeconds: 60 });
  const { body } = await redeem(simulator);
  clock.ms = 59_999;
  expect((await readWith(simulator, body.access_token)).status).toBe(200);
  clock.ms = 60_000;
  expect((await readWith(simulator, body.access_token)).status).toBe(401);
  expect((await readWith(simulator, "simulator-token")).status).toBe(200);
});

test("all tokens given out can be made to expire at once", async () => {
  const simulator = await start();
  const { body } = await redeem(simulator);
  simulator.control.setTokens({ expireAccessTokens: true });
  expect((await readWith(simulator, body.access_token)).status).toBe(401);
  expect((await readWith(simulator, "simulator-token")).status).toBe(200);
});

test.each<[string, Record<string, string | undefined>, number, string]>([
  ["an unknown refresh token", { refresh_token: "stolen" }, 400, "invalid_grant"],
  ["no client", { client_id: undefined }, 400, "invalid_request"],
  ["no secret", { client_secret: undefined }, 401, "invalid_client"],
  ["a password grant", { grant_type: "password" }, 400, "unsupported_grant_type"],
])("%s is refused", async (_, change, status, error) => {
  const simulator = await start();
  const reply = await redeem(simulator, change);
  expect(reply).toMatchObject({ status, body: { error } });
  expect(reply.body.error_description).toMatch(/^AADSTS\d+: /);
});

test("an assertion is as good as a secret", async () => {
  const simulator = await start();
  const form = { client_secret: undefined, client_assertion: "a.b.c" };
  expect((await redeem(simulator, form)).status).toBe(200);
});

test("refresh tokens can be refused, pinned, and made to work once", async () => {
  const simulator = await start();
  simulator.control.setTokens({ rejectRefreshTokens: true });
  expect((await redeem(simulator)).body.error).toBe("invalid_grant");
  simulator.control.setTokens({ rejectRefreshTokens: false, rotateRefreshTokens: false });
  expect((await redeem(simulator)).body.refresh_token).toBe("simulator-refresh-token");
  simulator.control.setTokens({ rotateRefreshTokens: true, revokeUsedRefreshTokens: true });
  const { body } = await redeem(simulator);
  expect((await redeem(simulator)).body.error).toBe("invalid_grant");
  expect((await redeem(simulator, { refresh_token: String(body.refresh_token) })).status).toBe(200);
  simulator.control.setTokens({ refreshToken: "renewed-consent" });
  expect((await redeem(simulator, { refresh_token: "renewed-consent" })).status).toBe(200);
});

test("tenants have limits of their own", async () => {
  const clock = { ms: 0 };
  const simulator = await start({ limiter: "token-bucket", rate: 1, nowMs: () => clock.ms });
  const { body } = await redeem(simulator);
  expect((await readWith(simulator, body.access_token)).status).toBe(200);
  expect((await readWith(simulator, body.access_token)).status).toBe(429);
  expect((await readWith(simulator, "simulator-token")).status).toBe(200);
});

test("token calls meet their own faults and counters, and stay out of the log", async () => {
  const simulator = await start();
  simulator.control.addFaults({
    match: { endpoint: "token", times: 1 },
    fault: { kind: "status", status: 503 },
  });
  expect((await redeem(simulator)).status).toBe(503);
  expect((await redeem(simulator)).status).toBe(200);
  expect(simulator.control.requests()).toEqual([]);
  expect(simulator.control.state().counters.tokenRequestsByStatus).toEqual({ 200: 1, 503: 1 });
});

test("msal-node accepts what the token endpoint says", async () => {
  const simulator = await start();
  const { origin } = new URL(simulator.url);
  const metadata = await fetch(`${origin}/${TENANT}/v2.0/.well-known/openid-configuration`);
  const application = (clientSecret: string, authorityMetadata: string) =>
    new ConfidentialClientApplication({
      auth: {
        clientId: GOOD_FORM.client_id,
        clientSecret,
        authority: `https://login.microsoftonline.com/${TENANT}`,
        knownAuthorities: ["login.microsoftonline.com"],
        authorityMetadata,
      },
    });
  const app = application("secret", await metadata.text());
  const result = await app.acquireTokenByRefreshToken({
    refreshToken: "simulator-refresh-token",
    scopes: [GOOD_FORM.scope],
    forceCache: true,
  });
  expect(result?.tenantId).toBe(TENANT);
  expect(result?.expiresOn?.getTime()).toBeGreaterThan(Date.now() + 3_000_000);
  expect((await readWith(simulator, result?.accessToken)).status).toBe(200);
  expect(app.getTokenCache().serialize()).toContain("simulated-refresh-");
  const refused = app.acquireTokenByRefreshToken({
    refreshToken: "revoked",
    scopes: [GOOD_FORM.scope],
  });
  await expect(refused).rejects.toMatchObject({ errorCode: "invalid_grant" });
});
