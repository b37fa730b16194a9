import { expect, test } from "vitest";
import { boardGateway, LET_IN, TOKENS } from "./support/board-gateway.ts";
import { gatewayRig } from "./support/gateway-rig.ts";
import { startIssuer } from "./support/issuer.ts";

const rig = gatewayRig();
const HTML = { accept: "text/html,application/xhtml+xml" };
const open = (more: { isProduction?: boolean } = {}) =>
  boardGateway({ queues: [] }, { hasSignIn: true, ...more });

function post(
  origin: string,
  path: string,
  form: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const body = new URLSearchParams(form);
  return fetch(`${origin}${path}`, { method: "POST", body, headers, redirect: "manual" });
}

test("somebody unsigned gets a form in a browser, and an error elsewhere", async () => {
  const { origin } = await open();
  const page = await fetch(`${origin}/queues`, { headers: HTML });
  expect(page.status).toBe(401);
  const html = await page.text();
  expect(html).toContain('<form method="post" action="/queues/sign-in">');
  expect(html).toContain('<label for="token">');
  expect(html).not.toMatch(/<script|https?:\/\//);
  expect(page.headers.get("content-security-policy")).toMatch(/^default-src 'none'/);
  const call = await fetch(`${origin}/queues/api/queues`);
  expect(call.status).toBe(401);
  expect(call.headers.get("www-authenticate")).toMatch(/^Bearer/);
  expect(await call.json()).toMatchObject({ error: { code: "UNAUTHENTICATED" } });
  const file = await fetch(`${origin}/queues/static/images/logo.svg`);
  expect(file.status).toBe(401);
});

test("a pasted token is kept in a cookie for this page until it expires, and signs in", async () => {
  const { origin } = await open();
  const pasted = " Bearer token.of\n.admin ";
  const signedIn = await post(origin, "/queues/sign-in", { token: pasted }, { origin });
  expect([signedIn.status, signedIn.headers.get("location")]).toEqual([303, "/queues/"]);
  const cookie = signedIn.headers.get("set-cookie") ?? "";
  expect(cookie).toMatch(
    /^patchlane-queues=token\.of\.admin; Path=\/queues; Max-Age=\d+; HttpOnly; SameSite=Strict$/,
  );
  const seconds = Number(/Max-Age=(\d+)/.exec(cookie)?.[1]);
  const left = ((TOKENS["token.of.admin"]?.expiresAt ?? 0) - Date.now()) / 1_000;
  expect(seconds).toBeGreaterThan(left - 60);
  expect(seconds).toBeLessThanOrEqual(left + 1);
  const page = await fetch(`${origin}/queues/`, {
    headers: { ...HTML, cookie: `other=1; ${cookie.split(";")[0]}` },
  });
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('"url":"/queues/sign-out"');
});

test("beyond this machine the cookie is for https alone", async () => {
  const { origin } = await open({ isProduction: true });
  const signedIn = await post(origin, "/queues/sign-in", { token: "token.of.admin" });
  expect(signedIn.headers.get("set-cookie")).toMatch(/^__Secure-patchlane-queues=.*; Secure$/);
  const plain = { ...HTML, cookie: "patchlane-queues=token.of.admin" };
  expect((await fetch(`${origin}/queues`, { headers: plain })).status).toBe(401);
  const secure = { ...HTML, cookie: "__Secure-patchlane-queues=token.of.admin" };
  expect((await fetch(`${origin}/queues`, { headers: secure })).status).toBe(200);
});

test.each([
  ["token.of.user", 403, "administrator"],
  ["forged-token", 401, "not valid"],
  ["", 401, "required"],
])("the token %j does not sign in, and is not repeated", async (token, status, words) => {
  const { origin } = await open();
  const answer = await post(origin, "/queues/sign-in", { token }, { origin });
  expect([answer.status, answer.headers.get("set-cookie")]).toEqual([status, null]);
  const html = await answer.text();
  expect(html).toContain('role="alert"');
  expect(html).toContain(words);
  expect(html).not.toContain("forged");
});

test("a cookie of somebody without the role gets the form, with the reason", async () => {
  const { origin } = await open();
  const headers = { ...HTML, cookie: "patchlane-queues=token.of.user" };
  const page = await fetch(`${origin}/queues`, { headers });
  expect(page.status).toBe(403);
  expect(await page.text()).toContain("does not allow this");
});

test("an Authorization header counts as everywhere, and before a cookie", async () => {
  const { origin } = await open();
  const admin = { authorization: "Bearer token.of.admin" };
  expect((await fetch(`${origin}/queues`, { headers: admin })).status).toBe(200);
  const both = { authorization: "Bearer forged", cookie: "patchlane-queues=token.of.admin" };
  expect((await fetch(`${origin}/queues`, { headers: both })).status).toBe(401);
});

test.each([
  ["another origin", { origin: "https://evil.example" }],
  ["an origin that CORS lets in", { origin: LET_IN, "sec-fetch-site": "same-site" }],
  ["a page without one", { origin: "null" }],
  ["another site", { "sec-fetch-site": "cross-site" }],
  ["another name of this site", { "sec-fetch-site": "same-site" }],
])("a form that comes from %s signs nobody in or out", async (_, headers) => {
  const { origin } = await open();
  for (const path of ["/queues/sign-in", "/queues/sign-out"]) {
    const answer = await post(origin, path, { token: "token.of.admin" }, headers);
    expect([answer.status, answer.headers.get("set-cookie")]).toEqual([403, null]);
  }
  const cookie = "patchlane-queues=token.of.admin";
  const read = await fetch(`${origin}/queues/api/queues`, { headers: { ...headers, cookie } });
  expect(read.status).toBe(403);
});

test("signing out forgets the token; a link alone does not", async () => {
  const { origin } = await open();
  const linked = await fetch(`${origin}/queues/sign-out`, { headers: HTML });
  expect([linked.status, linked.headers.get("set-cookie")]).toEqual([200, null]);
  const out = await post(origin, "/queues/sign-out", {}, { origin });
  expect([out.status, out.headers.get("set-cookie")]).toEqual([
    303,
    "patchlane-queues=; Path=/queues; Max-Age=0; HttpOnly; SameSite=Strict",
  ]);
});

test("what is no form, or too long, is refused", async () => {
  const { origin } = await open();
  const json = { "content-type": "application/json" };
  const url = `${origin}/queues/sign-in`;
  expect((await fetch(url, { method: "POST", body: "{}", headers: json })).status).toBe(400);
  const long = await post(origin, "/queues/sign-in", { token: "x".repeat(40_000) });
  expect(long.status).toBe(400);
});

test("in development there is no sign-in, and nothing to sign out of", async () => {
  const { origin } = await boardGateway({ queues: [] }, { hasSignIn: false });
  const page = await fetch(`${origin}/queues/`, { headers: HTML });
  expect(page.status).toBe(200);
  expect(await page.text()).not.toContain("sign-out");
});

test("a whole gateway: signed in by form until the token says so, and nowhere else", async () => {
  const issuer = await startIssuer();
  const origin = await rig.start(issuer.settings);
  const exp = Math.floor(Date.now() / 1_000) + 600;
  const token = await issuer.token({ claims: { exp } });
  const signedIn = await post(origin, "/queues/sign-in", { token }, { origin });
  expect(signedIn.status).toBe(303);
  const set = signedIn.headers.get("set-cookie") ?? "";
  const seconds = Number(/Max-Age=(\d+)/.exec(set)?.[1]);
  expect(seconds).toBeGreaterThan(300);
  expect(seconds).toBeLessThanOrEqual(631); // with the tolerance for clocks
  const headers = { cookie: set.split(";")[0] ?? "" };
  expect((await fetch(`${origin}/queues/api/queues`, { headers })).status).toBe(200);
  for (const path of [
    "/graphql?query=%7B__typename%7D",
    "/metrics",
    "/bulk-updates/blk_0123456789abcdef0123456789abcdef/results.csv",
  ]) {
    expect([path, (await fetch(`${origin}${path}`, { headers })).status]).toEqual([path, 401]);
  }
  const user = await issuer.token({ claims: { roles: ["Referral.User"] } });
  const refused = await post(origin, "/queues/sign-in", { token: user }, { origin });
  expect([refused.status, refused.headers.get("set-cookie")]).toEqual([403, null]);
});
