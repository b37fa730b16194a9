import { generateKeyPairSync } from "node:crypto";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import {
  fixedToken,
  type RefreshTokenProviderOptions,
  refreshTokenProvider,
  TokenUnavailableError,
} from "../src/index.ts";
import { issued, startTokenServer } from "./support/token-server.ts";
import { refusedOrigin, rejection } from "./support/upstream.ts";

const SECRET = "client-secret-value";
const HOUR_MS = 3_600_000;

function providerAt(authority: string, more: Partial<RefreshTokenProviderOptions> = {}) {
  const clock = { now: 1_800_000_000_000 };
  const provider = refreshTokenProvider({
    tenantId: "contoso.onmicrosoft.com",
    clientId: "11111111-2222-3333-4444-555555555555",
    clientSecret: SECRET,
    refreshToken: "refresh-0",
    authority,
    now: () => clock.now,
    ...more,
  });
  return { provider, clock };
}

function memoryStore(initial?: string) {
  const saved: string[] = [];
  return {
    saved,
    load: async () => saved.at(-1) ?? initial,
    save: async (token: string) => {
      saved.push(token);
    },
  };
}

test("exchanges the refresh token the way Entra ID documents it", async () => {
  const server = await startTokenServer((_form, attempt) => issued(attempt));
  const { provider } = providerAt(server.authority);
  expect(await provider.getToken()).toBe("access-1");
  expect(server.requests[0]?.url).toMatch(/^\/contoso\.onmicrosoft\.com\/oauth2\/v2\.0\/token/);
  expect(Object.fromEntries(server.forms[0] ?? [])).toMatchObject({
    grant_type: "refresh_token",
    refresh_token: "refresh-0",
    client_id: "11111111-2222-3333-4444-555555555555",
    client_secret: SECRET,
    scope: expect.stringContaining("https://api.partner.microsoft.com/.default"),
  });
});

test("a certificate proves the application without a secret", async () => {
  const server = await startTokenServer((_form, attempt) => issued(attempt));
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const { provider } = providerAt(server.authority, {
    clientSecret: undefined,
    clientCertificate: { privateKey: pem, thumbprint: "ab".repeat(32) },
  });
  expect(await provider.getToken()).toBe("access-1");
  const form = Object.fromEntries(server.forms[0] ?? []);
  expect(form).not.toHaveProperty("client_secret");
  expect(form.client_assertion?.split(".")).toHaveLength(3);
});

test("callers share one exchange, and later calls need none", async () => {
  const server = await startTokenServer((_form, attempt) => issued(attempt));
  const { provider } = providerAt(server.authority);
  const tokens = await Promise.all(Array.from({ length: 100 }, () => provider.getToken()));
  expect(new Set(tokens)).toEqual(new Set(["access-1"]));
  await provider.getToken();
  expect(server.forms).toHaveLength(1);
});

test("five minutes before the expiry it renews without making anybody wait", async () => {
  const server = await startTokenServer((_form, attempt) => issued(attempt));
  const { provider, clock } = providerAt(server.authority);
  await provider.getToken();
  clock.now += HOUR_MS - 300_001;
  await provider.getToken();
  expect(server.forms).toHaveLength(1);
  clock.now += 1;
  expect(await provider.getToken()).toBe("access-1");
  await expect.poll(() => provider.getToken()).toBe("access-2");
  expect(server.forms.map((form) => form.get("refresh_token"))).toEqual(["refresh-0", "refresh-1"]);
});

test("an ailing token endpoint is not noticed while the token lives", async () => {
  const server = await startTokenServer((_form, attempt) =>
    attempt === 1 ? issued(1) : { status: 500, body: { error: "server_error" } },
  );
  const { provider, clock } = providerAt(server.authority);
  await provider.getToken();
  clock.now += HOUR_MS - 60_000;
  expect(await provider.getToken()).toBe("access-1");
  await expect.poll(() => server.forms).toHaveLength(2);
  expect(await provider.getToken()).toBe("access-1");
  clock.now += 60_000;
  expect(await rejection(provider.getToken())).toMatchObject({
    reason: "tokenEndpointUnavailable",
  });
});

test("renew replaces a rejected token once for everybody", async () => {
  const server = await startTokenServer((_form, attempt) => issued(attempt));
  const { provider, clock } = providerAt(server.authority);
  const rejected = await provider.getToken();
  clock.now += 60_000;
  const renewed = await Promise.all([
    provider.renew(rejected),
    provider.renew(rejected),
    provider.renew(rejected),
  ]);
  expect(renewed).toEqual(["access-2", "access-2", "access-2"]);
  expect(await provider.renew(rejected)).toBe("access-2");
  expect(server.forms).toHaveLength(2);
});

test("a token rejected as soon as it was issued is not replaced again and again", async () => {
  const server = await startTokenServer((_form, attempt) => issued(attempt));
  const { provider, clock } = providerAt(server.authority);
  const token = await provider.getToken();
  expect(await rejection(provider.renew(token))).toMatchObject({
    reason: "freshTokenRejected",
    retryAfterMs: 5_000,
  });
  expect(server.forms).toHaveLength(1);
  clock.now += 5_000;
  expect(await provider.renew(token)).toBe("access-2");
});

test("a rejected token is not given out again when renewing fails", async () => {
  const server = await startTokenServer((_form, attempt) =>
    attempt === 2 ? { status: 500, body: {} } : issued(attempt),
  );
  const { provider, clock } = providerAt(server.authority);
  const token = await provider.getToken();
  clock.now += 60_000;
  await rejection(provider.renew(token));
  expect(await rejection(provider.getToken())).toMatchObject({
    reason: "tokenEndpointUnavailable",
  });
  clock.now += 5_000;
  expect(await provider.getToken()).toBe("access-3");
});

test("a dead refresh token is told with codes, and the endpoint is left alone for a while", async () => {
  const server = await startTokenServer(() => ({
    status: 400,
    body: {
      error: "invalid_grant",
      error_description: "AADSTS700082: The refresh token of jane.doe@contoso.com has expired",
      error_codes: [700082],
      suberror: "bad_token",
    },
  }));
  const { provider, clock } = providerAt(server.authority);
  const errors = await Promise.all(
    Array.from({ length: 1000 }, () => rejection(provider.getToken())),
  );
  await rejection(provider.getToken());
  expect(server.forms).toHaveLength(1);
  expect(errors[0]).toBeInstanceOf(TokenUnavailableError);
  expect(errors[0]).toMatchObject({
    kind: "unauthorized",
    reason: "refreshTokenRejected",
    oauthError: "invalid_grant",
    entraErrorCode: 700082,
    wasSent: false,
    retryAfterMs: 5_000,
  });
  const text = inspect(errors[0], { depth: 20, showHidden: true }) + JSON.stringify(errors[0]);
  for (const secret of [SECRET, "refresh-0", "jane.doe"]) expect(text).not.toContain(secret);
  clock.now += 5_000;
  await rejection(provider.getToken());
  expect(server.forms).toHaveLength(2);
});

test.each([
  [400, { error: "invalid_grant", suberror: "basic_action" }, "interactionRequired", false],
  [400, { error: "interaction_required" }, "interactionRequired", false],
  [401, { error: "invalid_client", error_codes: [7000215] }, "clientRejected", false],
  [400, { error: "unauthorized_client" }, "clientRejected", false],
  [503, "<html>", "tokenEndpointUnavailable", true],
  [429, { error: "x" }, "tokenEndpointUnavailable", true],
  [200, {}, "invalidTokenResponse", false],
  [200, "<html>", "invalidTokenResponse", false],
  [200, { access_token: "a\r\nb", expires_in: 3600 }, "invalidTokenResponse", false],
  [404, "nothing here", "invalidTokenResponse", false],
] as const)("endpoint answer %i %j means %s", async (status, body, reason, isTransient) => {
  const server = await startTokenServer(() => ({ status, body }));
  const { provider } = providerAt(server.authority);
  expect(await rejection(provider.getToken())).toMatchObject({ reason, isTransient });
});

test("a token endpoint nobody listens on is transient", async () => {
  const { provider } = providerAt(await refusedOrigin());
  expect(await rejection(provider.getToken())).toMatchObject({
    reason: "tokenEndpointUnavailable",
    isTransient: true,
  });
});

test("the endpoint's Retry-After lengthens the pause", async () => {
  const server = await startTokenServer((_form, attempt) =>
    attempt === 1
      ? { status: 429, body: { error: "x" }, headers: { "retry-after": "60" } }
      : issued(attempt),
  );
  const { provider, clock } = providerAt(server.authority);
  expect(await rejection(provider.getToken())).toMatchObject({ retryAfterMs: 60_000 });
  clock.now += 59_000;
  expect(await rejection(provider.getToken())).toMatchObject({ retryAfterMs: 1_000 });
  clock.now += 1_000;
  expect(await provider.getToken()).toBe("access-2");
});

test("a rotated refresh token is kept, and used by the next process", async () => {
  const server = await startTokenServer((_form, attempt) => issued(attempt));
  const store = memoryStore();
  await providerAt(server.authority, { store }).provider.getToken();
  expect(store.saved).toEqual(["refresh-1"]);
  await providerAt(server.authority, { store }).provider.getToken();
  expect(server.forms[1]?.get("refresh_token")).toBe("refresh-1");
  expect(store.saved).toEqual(["refresh-1", "refresh-2"]);
});

test("a dead stored token gives way to the configured one", async () => {
  const server = await startTokenServer((form, attempt) =>
    form.get("refresh_token") === "stale"
      ? { status: 400, body: { error: "invalid_grant" } }
      : issued(attempt),
  );
  const store = memoryStore("stale");
  expect(await providerAt(server.authority, { store }).provider.getToken()).toBe("access-2");
  expect(store.saved).toEqual(["refresh-2"]);
});

test("a store that fails costs neither the access token nor the rotated one", async () => {
  const server = await startTokenServer((_form, attempt) => issued(attempt));
  let isUp = false;
  const saved: string[] = [];
  const store = {
    load: async () => {
      if (!isUp) throw new Error("redis is away");
      return "older";
    },
    save: async (token: string) => {
      if (!isUp) throw new Error("redis is away");
      saved.push(token);
    },
  };
  const { provider, clock } = providerAt(server.authority, { store });
  expect(await provider.getToken()).toBe("access-1");
  isUp = true;
  clock.now += HOUR_MS;
  expect(await provider.getToken()).toBe("access-2");
  expect(server.forms[1]?.get("refresh_token")).toBe("refresh-1");
  expect(saved).toEqual(["refresh-2"]);
});

test("an abort ends one caller's wait, not the exchange", async () => {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const server = await startTokenServer(async (_form, attempt) => {
    await gate;
    return issued(attempt);
  });
  const { provider } = providerAt(server.authority);
  const controller = new AbortController();
  const impatient = rejection(provider.getToken({ signal: controller.signal }));
  const patient = provider.getToken();
  controller.abort();
  expect(await impatient).toMatchObject({ name: "AbortError" });
  open();
  expect(await patient).toBe("access-1");
  expect(server.forms).toHaveLength(1);
});

test.each([
  [{ clientSecret: undefined }, /clientSecret or clientCertificate/],
  [{ clientCertificate: { privateKey: "x" } }, /either/],
  [{ authority: "http://login.example" }, /authority must be https/],
  [{ tenantId: "a/b" }, /tenantId/],
  [{ clientSecret: undefined, clientCertificate: { privateKey: "x", x5c: "y" } }, /privateKey/],
] as const)("settings that cannot work are told at once: %j", (more, message) => {
  const options = more as Partial<RefreshTokenProviderOptions>;
  expect(() => providerAt("https://login.example", options)).toThrow(message);
});

test("a fixed token cannot be renewed", async () => {
  const provider = fixedToken("t");
  expect(await provider.getToken()).toBe("t");
  expect(await rejection(provider.renew("t"))).toMatchObject({
    name: "TokenUnavailableError",
    reason: "fixedTokenRejected",
  });
});
