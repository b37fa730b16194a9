import { readFileSync } from "node:fs";
import { type LocalRedis, startLocalRedis } from "@patchlane/local-redis";
import { type Simulator, startSimulator } from "@patchlane/simulator";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { UPDATE } from "./support/documents.ts";
import { subscribe } from "./support/event-stream.ts";
import { startIssuer } from "./support/issuer.ts";
import { listen, post } from "./support/listening.ts";
import { newReferral } from "./support/referrals.ts";
import { type Scrape, scrape } from "./support/scrape.ts";
import { aWorker } from "./support/worker.ts";

const SOON = { timeout: 60_000, interval: 100 };
const DOCUMENT = new URL("../../../docs/metrics.md", import.meta.url);

let simulator: Simulator;
let shared: LocalRedis;
beforeAll(async () => {
  [shared, simulator] = await Promise.all([
    startLocalRedis({ durable: false }),
    startSimulator({ limiter: "none", referrals: 1 }),
  ]);
});
afterAll(() => Promise.all([shared.stop(), simulator.close()]));

/** A Redis of its own: counts start at nothing. */
async function freshRedis(): Promise<LocalRedis> {
  const redis = await startLocalRedis({ durable: false });
  onTestFinished(() => redis.stop());
  return redis;
}

const on = (redis: LocalRedis) => ({ redisUrl: redis.url, upstreamUrl: simulator.url });

/** Sends an update and waits for its end; answers its state. */
async function update(origin: string, input: Readonly<Record<string, unknown>>): Promise<string> {
  const { data } = await post(origin, UPDATE, { input: { waitMs: 30_000, ...input } });
  return (
    (data as { updateReferral: { update?: { state: string } } }).updateReferral.update?.state ?? ""
  );
}

async function upload(origin: string, body: string, query = ""): Promise<Response> {
  return fetch(`${origin}/bulk-updates${query}`, {
    method: "POST",
    headers: { "content-type": "application/x-ndjson" },
    body,
  });
}

/** Scrapes until a series has a value; what processes gather comes a second later. */
async function until(
  origin: string,
  value: number,
  ...series: Parameters<Scrape["value"]>
): Promise<Scrape> {
  let last: Scrape | undefined;
  await expect
    .poll(async () => {
      last = await scrape(origin);
      return last.value(...series);
    }, SOON)
    .toBe(value);
  return last as Scrape;
}

test("what two workers and two gateways did is the same at either gateway, and at one that starts later", async () => {
  const redis = await freshRedis();
  const origins = await Promise.all([listen(on(redis)), listen(on(redis))]);
  const workers = [aWorker(on(redis)), aWorker(on(redis))];
  await until(origins[0] ?? "", 2, "patchlane_workers_alive");
  for (let n = 0; n < 6; n += 1) {
    const referralId = newReferral(simulator);
    expect(await update(origins[n % 2] ?? "", { referralId, changes: { name: `${n}` } })).toBe(
      "APPLIED",
    );
  }
  const gone = { referralId: "00000000-0000-4000-8000-000000000000", changes: { name: "x" } };
  expect(await update(origins[0] ?? "", gone)).toBe("FAILED");
  const referralId = newReferral(simulator);
  await post(origins[1] ?? "", `{ referral(id: "${referralId}") { id } }`);
  await Promise.all(workers.map(({ stop }) => stop())); // a clean stop loses nothing

  const later = await listen(on(redis));
  await until(later, 0, "patchlane_workers_alive");
  for (const origin of [...origins, later]) {
    const calls = "patchlane_upstream_calls_total";
    const scraped = await until(origin, 1, calls, { operation: "get", status: "200", kind: "ok" });
    const expected: [number, ...Parameters<Scrape["value"]>][] = [
      [7, "patchlane_updates_accepted_total", { priority: "interactive" }],
      [0, "patchlane_updates_accepted_total", { priority: "bulk" }],
      [6, "patchlane_updates_finished_total", { state: "APPLIED", code: "" }],
      [1, "patchlane_updates_finished_total", { state: "FAILED", code: "REFERRAL_NOT_FOUND" }],
      [7, "patchlane_updates_finished_total"],
      [7, "patchlane_update_duration_seconds_count", { priority: "interactive" }],
      [7, "patchlane_update_duration_seconds_bucket", { priority: "interactive", le: "+Inf" }],
      [6, calls, { operation: "patch", status: "200", kind: "ok" }],
      [1, calls, { operation: "patch", status: "404", kind: "gone" }],
      [7, "patchlane_upstream_call_duration_seconds_count", { operation: "patch" }],
      [6, "patchlane_updates_per_write_count"],
      [6, "patchlane_updates_per_write_sum"],
      [0, "patchlane_updates_pending"],
      [0, "patchlane_workers_alive"],
      [1, "patchlane_redis_up"],
      [950, "patchlane_rate_configured_calls_per_second"],
    ];
    for (const [value, ...series] of expected) {
      expect(scraped.value(...series), JSON.stringify(series)).toBe(value);
    }
    expect(scraped.value("patchlane_budget_wait_seconds_count")).toBeGreaterThanOrEqual(8);
  }
});

test("trouble with the upstream shows: throttling, answers that were lost, the learned rate", async () => {
  const redis = await freshRedis();
  const origin = await listen(on(redis));
  aWorker(on(redis));
  expect((await scrape(origin)).value("patchlane_rate_learned_calls_per_second")).toBeUndefined();
  const throttled = newReferral(simulator);
  const lost = newReferral(simulator);
  const once = (referralId: string) => ({ method: "PATCH", referralId, nth: 1 }) as const;
  simulator.control.addFaults([
    { match: once(throttled), fault: { kind: "status", status: 429, retryAfter: 0.01 } },
    { match: once(lost), fault: { kind: "cutAfterWrite" } },
  ]);
  expect(await update(origin, { referralId: throttled, changes: { name: "x" } })).toBe("APPLIED");
  expect(await update(origin, { referralId: lost, changes: { name: "x" } })).toBe("APPLIED");
  const calls = "patchlane_upstream_calls_total";
  const scraped = await until(origin, 1, calls, { status: "none", kind: "unknownOutcome" });
  expect(scraped.value(calls, { status: "429", kind: "throttled" })).toBe(1);
  expect(scraped.value("patchlane_upstream_throttled_total", { reason: "rate" })).toBe(1);
  expect(scraped.value("patchlane_repeats_total", { reason: "lost_answer" })).toBe(1);
  expect(scraped.value("patchlane_rate_learned_calls_per_second")).toBeGreaterThan(0);
});

test("the gateway measures requests, operations and streams of its own", async () => {
  const origin = await listen(on(shared));
  const referralId = newReferral(simulator);
  await post(origin, "{ queue { waiting } }");
  await post(origin, "{ nonsense }");
  await post(origin, 'query { referral(id: "../x") { id } }');
  await fetch(`${origin}/nothing`);
  const input = { referralId, changes: { name: "x" }, waitMs: 0 };
  const { data } = await post(origin, UPDATE, { input });
  const { id } = (data as { updateReferral: { update: { id: string } } }).updateReferral.update;
  const stream = await subscribe(
    origin,
    "subscription ($id: ID!) { referralUpdateChanged(id: $id) { state } }",
    { id },
  );
  expect((await stream.next())?.event).toBe("next");
  const during = await until(origin, 1, "patchlane_event_streams_open");
  const operations = "patchlane_graphql_operation_duration_seconds_count";
  expect(during.value(operations, { type: "query", outcome: "ok" })).toBe(1);
  expect(during.value(operations, { type: "none", outcome: "refused" })).toBe(1);
  expect(during.value(operations, { type: "query", outcome: "errors" })).toBe(1);
  expect(during.value(operations, { type: "mutation", outcome: "ok" })).toBe(1);
  expect(during.value(operations, { type: "subscription", outcome: "ok" })).toBe(1);
  const requests = "patchlane_http_request_duration_seconds_count";
  expect(during.value(requests, { route: "graphql", status: "2xx" })).toBe(4);
  expect(during.value(requests, { route: "none", status: "4xx" })).toBe(1);
  expect(during.value("nodejs_eventloop_lag_seconds")).toBeDefined();
  expect(during.value("process_cpu_seconds_total")).toBeDefined();
  stream.leave();
  const after = await until(origin, 0, "patchlane_event_streams_open");
  expect(after.value(requests, { route: "graphql", status: "2xx" })).toBe(4);
});

test("what is personal, or was chosen by a caller, is in no metric", async () => {
  const redis = await freshRedis();
  const origin = await listen(on(redis));
  aWorker(on(redis));
  const canary = "canary.person@contoso.example";
  const referralId = newReferral(simulator, { externalReferenceId: canary });
  const member = { email: canary, firstName: "canary", lastName: "canary", phoneNumber: "1" };
  const input = {
    referralId,
    idempotencyKey: canary,
    changes: { name: canary, details: { notes: canary }, team: { add: [member] } },
  };
  expect(await update(origin, input)).toBe("APPLIED");
  await update(origin, { referralId: `canary-${referralId}`, changes: { name: canary } });
  await update(origin, { referralId, ifMatch: `"${canary}"`, changes: { name: canary } });
  await post(origin, "query canary { queue { canary } }");
  const headers = { "user-agent": canary, "x-canary": canary, referer: `http://${canary}` };
  await fetch(`${origin}/canary/${canary}?canary=${canary}`, { headers });
  const rows = [
    { referralId, changes: { name: canary } },
    { externalReferenceId: canary, changes: { statusReason: canary } },
    { referralId, changes: { canary } },
  ];
  const search = new URLSearchParams({ label: canary, idempotencyKey: canary });
  const body = rows.map((row) => JSON.stringify(row)).join("\n");
  expect((await upload(origin, body, `?${search}`)).status).toBe(202);
  const finished = "patchlane_bulk_updates_finished_total";
  await until(origin, 1, finished);
  const conflict = { operation: "patch", kind: "conflict" };
  const { text } = await until(origin, 1, "patchlane_upstream_calls_total", conflict);
  expect(text).not.toMatch(/canary|contoso/i);
  expect(text).not.toContain(referralId);
});

test("nothing a caller makes up makes a new series", async () => {
  const origin = await listen(on(await freshRedis()));
  const seriesOf = async (): Promise<string[]> =>
    (await scrape(origin)).series
      .filter(({ name }) => name.startsWith("patchlane_"))
      .map(({ name, labels }) => `${name} ${JSON.stringify(labels)}`);
  const visit = async (mark: string): Promise<void> => {
    await post(origin, `query ${mark} { queue { waiting } }`);
    await post(origin, `query ${mark} { ${mark} }`);
    await post(origin, `query ${mark} { referral(id: "${mark}/..") { id } }`);
    await post(origin, `mutation ${mark} { cancelReferralUpdate(id: "${mark}") { __typename } }`);
    for (const method of ["GET", "POST", "PUT", "PROPFIND", "OPTIONS"]) {
      for (const path of [
        `/${mark}`,
        `/graphql/${mark}`,
        "/graphql",
        "/metrics",
        "/bulk-updates",
        "/",
      ]) {
        const headers = { [`x-${mark}`]: mark, "user-agent": mark, accept: mark };
        await fetch(`${origin}${path}?${mark}=${mark}`, { method, headers, redirect: "manual" });
      }
    }
  };
  await visit("first");
  await seriesOf(); // the first look is a request too
  const before = await seriesOf();
  for (const mark of ["made_up", "patchlane_x", "__proto__"]) {
    await visit(mark);
  }
  const after = await seriesOf();
  expect(after.filter((series) => !before.includes(series))).toEqual([]);
  expect(after.filter((series) => /made_up|patchlane_x|__proto__/.test(series))).toEqual([]);
});

test("the answer is the same effort however many updates there are", async () => {
  const redis = await freshRedis();
  const origin = await listen(on(redis));
  const rows = (from: number, to: number): string =>
    Array.from({ length: to - from }, (_, n) =>
      JSON.stringify({ referralId: `ref-${from + n}`, changes: { name: "x" } }),
    ).join("\n");
  await upload(origin, rows(0, 5));
  const few = await until(origin, 5, "patchlane_updates_pending");
  await upload(origin, rows(5, 2_000));
  const many = await until(origin, 2_000, "patchlane_updates_pending");
  const shape = ({ series }: Scrape): string[] =>
    series.filter(({ name }) => !/^(nodejs|process)_/.test(name)).map(({ name }) => name);
  expect(shape(many).filter((name) => !shape(few).includes(name))).toEqual([]);
  expect(many.series.length).toBeLessThan(few.series.length + 30);
});

test("while Redis is away it answers with what the gateway knows of itself", async () => {
  const redis = await freshRedis();
  const origin = await listen(on(redis));
  await until(origin, 1, "patchlane_redis_up");
  await redis.kill();
  const away = await scrape(origin);
  expect(away.value("patchlane_redis_up")).toBe(0);
  expect(away.types.has("patchlane_updates_pending")).toBe(false);
  expect(away.value("process_resident_memory_bytes")).toBeGreaterThan(0);
  await redis.restart();
  await until(origin, 1, "patchlane_redis_up");
  await redis.pause();
  expect((await scrape(origin)).value("patchlane_redis_up")).toBe(0);
  await redis.resume();
});

test("takes a token unless it is open to all, and nothing but a GET", async () => {
  const issuer = await startIssuer();
  const status = async (origin: string, init: RequestInit = {}): Promise<number> =>
    (await fetch(`${origin}/metrics`, init)).status;
  const closed = await listen({ ...on(shared), settings: issuer.settings });
  const bearer = async (roles: string[]) => ({
    headers: { authorization: `Bearer ${await issuer.token({ claims: { roles } })}` },
  });
  expect(await status(closed)).toBe(401);
  expect(await status(closed, await bearer(["Other"]))).toBe(403);
  expect(await status(closed, await bearer(["Referral.Reader"]))).toBe(200);
  const open = await listen({
    ...on(shared),
    settings: { ...issuer.settings, METRICS_ACCESS: "open" },
  });
  expect(await status(open)).toBe(200);
  expect(await status(open, { method: "HEAD" })).toBe(200);
  expect(await status(open, { method: "POST" })).toBe(405);
});

test("docs/metrics.md lists every series with its type and labels, and no other", async () => {
  const redis = await freshRedis();
  const origin = await listen(on(redis));
  aWorker(on(redis));
  const referralId = newReferral(simulator);
  simulator.control.addFaults({
    match: { method: "PATCH", referralId, nth: 1 },
    fault: { kind: "status", status: 429, retryAfter: 0.01 },
  });
  await update(origin, { referralId, changes: { name: "x" } });
  const throttled = { status: "429" };
  const { types, series } = await until(origin, 1, "patchlane_upstream_calls_total", throttled);
  const labelsOf = (family: string): string[] => {
    const one = series.find(({ name }) => name.replace(/_(bucket|sum|count)$/, "") === family);
    return Object.keys(one?.labels ?? { missing: "" }).filter((label) => label !== "le");
  };
  const served = [...types]
    .filter(([name]) => name.startsWith("patchlane_"))
    .map(([name, type]) => `${name} ${type} ${labelsOf(name).join(", ")}`.trim());
  const text = readFileSync(DOCUMENT, "utf8");
  const rows = [...text.matchAll(/^\| `(patchlane_\w+)` +\| (\w+) +\| ([^|]*?) +\|/gm)];
  const documented = rows.map(([, name, type, labels = ""]) =>
    `${name} ${type} ${labels.replaceAll("`", "").replace("–", "")}`.trim(),
  );
  expect(documented.sort()).toEqual(served.sort());
  const mentioned = new Set([...text.matchAll(/\bpatchlane_[a-z_]+/g)].map(([name]) => name));
  const known = new Set(types.keys());
  const unknown = [...mentioned].filter(
    (name) => !known.has(name) && !known.has(name.replace(/_(bucket|sum|count)$/, "")),
  );
  expect(unknown, "series in queries that are not served").toEqual([]);
});
