import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { openUpdateQueue } from "@patchlane/update-queue";
import { expect, onTestFinished, test } from "vitest";
import { newReferral } from "./support/referrals.ts";
import { runToEnd } from "./support/spawn-gateway.ts";
import { byName, callersSpan, settlements, startTraced } from "./support/traced.ts";

async function start(settings: Readonly<Record<string, string>>) {
  const traced = await startTraced(settings);
  onTestFinished(() => traced.close());
  return traced;
}

const APPLIED = { waitMs: 25_000 };

test("without a collector nothing is traced or stored, whatever callers send", async () => {
  const { startWorker, stopWorker, gateway, update, queue, simulator, collector } = await start({
    OTEL_EXPORTER_OTLP_ENDPOINT: "", // as good as unset
  });
  const worker = await startWorker();
  const { traceparent } = callersSpan();
  const referralId = newReferral(simulator);
  const id = await update({ referralId, changes: { name: "x" }, ...APPLIED }, { traceparent });
  expect(await queue.ledger.get(id)).toMatchObject({ state: "APPLIED" });
  expect((await queue.ledger.get(id))?.trace).toBeUndefined();
  await Promise.all([gateway.stop(), stopWorker()]);
  expect(collector.raw).toEqual([]);
  expect([...gateway.lines, ...worker.lines].filter(({ traceId }) => traceId)).toEqual([]);
});

const OFF: readonly Readonly<Record<string, string>>[] = [
  { OTEL_TRACES_SAMPLER: "always_off" },
  { OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "0" },
  { OTEL_SDK_DISABLED: "true" },
];

test.each(OFF)("with %o nothing is recorded or stored", async (settings) => {
  const { gateway, update, queue, simulator, collector } = await start(settings);
  const { traceparent } = callersSpan();
  const id = await update(
    { referralId: newReferral(simulator), changes: { name: "x" } },
    { traceparent },
  );
  expect((await queue.ledger.get(id))?.trace).toBeUndefined();
  await gateway.stop();
  expect(collector.raw).toEqual([]);
});

test("a ratio decides about our own traces, callers about theirs", async () => {
  const { gateway, update, simulator, collector } = await start({
    OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
    OTEL_TRACES_SAMPLER_ARG: "0",
  });
  const { traceparent, traceId } = callersSpan();
  const input = { referralId: newReferral(simulator), changes: { name: "x" } };
  await update(input);
  await update(input, { traceparent });
  await gateway.stop();
  expect(new Set(collector.spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
});

test("each service tells its name, or the one it is given, and sends what the collector asks for", async () => {
  const { startWorker, stopWorker, gateway, update, simulator, collector } = await start({
    OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=tests",
    OTEL_EXPORTER_OTLP_HEADERS: "x-collector-key=key%201",
  });
  await startWorker();
  const caller = callersSpan();
  await update({ referralId: newReferral(simulator), changes: { name: "x" }, ...APPLIED }, caller);
  await Promise.all([gateway.stop(), stopWorker()]);
  const [patch] = byName(collector.spans, caller.traceId, "write referral");
  const [mutation] = byName(collector.spans, caller.traceId, "mutation updateReferral");
  expect(patch?.resource).toMatchObject({ "service.name": "patchlane-worker" });
  expect(mutation?.resource).toMatchObject({
    "service.name": "patchlane-gateway",
    "deployment.environment.name": "tests",
  });
  // Nothing about the machine or the command line, which may hold secrets.
  const about = Object.keys(mutation?.resource ?? {}).filter(
    (key) => !key.startsWith("telemetry."),
  );
  expect(about.sort()).toEqual(["deployment.environment.name", "service.name"]);
  expect(collector.headers[0]).toMatchObject({ "x-collector-key": "key 1" });
});

test("OTEL_SERVICE_NAME has the last word, and what is left is sent at SIGTERM", async () => {
  const { gateway, update, simulator, collector } = await start({
    OTEL_SERVICE_NAME: "referrals-eu",
    OTEL_BSP_SCHEDULE_DELAY: "600000",
  });
  await update({ referralId: newReferral(simulator), changes: { name: "x" } });
  expect(collector.spans).toEqual([]);
  expect(await gateway.stop()).toBe(0);
  expect(collector.spans.map(({ name }) => name)).toContain("mutation updateReferral");
  expect(collector.spans[0]?.resource).toMatchObject({ "service.name": "referrals-eu" });
});

test.each(["refuses connections", "never answers"])(
  "a collector that %s disturbs nothing, and is mentioned once",
  async (how) => {
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    if (how === "refuses connections") {
      silent.close();
    } else {
      onTestFinished(() => void silent.close());
    }
    const { startWorker, stopWorker, gateway, update, queue, simulator } = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_TIMEOUT: "200",
    });
    const worker = await startWorker();
    for (let count = 0; count < 20; count += 1) {
      const referralId = newReferral(simulator);
      const id = await update({ referralId, changes: { name: "x" }, ...APPLIED });
      expect(await queue.ledger.get(id)).toMatchObject({ state: "APPLIED" });
    }
    const isTrouble = ({ msg }: { msg?: unknown }): boolean => String(msg).includes("traces");
    await expect.poll(() => gateway.lines.filter(isTrouble).length).toBe(1);
    expect(await gateway.stop()).toBe(0);
    await stopWorker();
    for (const { lines } of [gateway, worker]) {
      expect(lines.filter(isTrouble).length).toBeLessThanOrEqual(1);
      expect(lines.at(-1)?.msg).toBe("stopped");
    }
  },
);

test("an endpoint that is no URL is told at start", async () => {
  const { exitCode, stderr } = await runToEnd({ OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318" });
  expect(exitCode).toBe(1);
  expect(stderr).toContain("OTEL_EXPORTER_OTLP_ENDPOINT: must be an http(s) URL");
});

test("the log leads to the trace", async () => {
  const { startWorker, worker, update, simulator, collector } = await startWithWorker();
  await startWorker();
  const caller = callersSpan();
  const referralId = newReferral(simulator);
  const id = await update({ referralId, changes: { name: "x" }, ...APPLIED }, caller);
  await collector.until((spans) => settlements(spans, id).length > 0);
  // Log lines may leave a moment after what they tell of.
  await expect
    .poll(() => worker.lines.find(({ msg }) => msg === "update applied"))
    .toMatchObject({ traceId: caller.traceId, updateIds: [id] });
});

test("an internal error leads to its trace, too", async () => {
  const { origin, gateway, redisUrl } = await start({});
  const withKey = openUpdateQueue({
    redisUrl,
    rate: { ratePerSecond: 100, burst: 10 },
    ledgerKeys: [new Uint8Array(32).fill(1)], // the gateway has none
    onError: () => {},
  });
  onTestFinished(() => withKey.close());
  await withKey.untilConnected(20_000);
  const intent = { changes: { name: "x" } };
  const sealed = { referralId: "r-1", intent, patch: [], submittedBy: "dev" };
  const accepted = await withKey.ledger.accept(sealed);
  const { traceparent, traceId } = callersSpan();
  const response = await fetch(`${origin}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", traceparent },
    body: JSON.stringify({
      query: "query ($id: ID!) { referralUpdate(id: $id) { patch { path } } }",
      variables: { id: accepted.ok ? accepted.id : "" },
    }),
  });
  await response.text();
  await expect
    .poll(() => gateway.lines.find(({ msg }) => msg === "internal error"))
    .toMatchObject({ traceId, requestId: response.headers.get("x-request-id") });
});

async function startWithWorker() {
  const traced = await start({});
  return { ...traced, worker: await traced.startWorker() };
}
