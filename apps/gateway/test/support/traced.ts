import { randomBytes } from "node:crypto";
import { startLocalRedis } from "@patchlane/local-redis";
import { fixedToken } from "@patchlane/partner-center";
import { type Service, startTracing } from "@patchlane/service-kit";
import { startSimulator } from "@patchlane/simulator";
import { openLaneQueue, openUpdateQueue } from "@patchlane/update-queue";
import { startWorker } from "@patchlane/worker";
import { pino } from "pino";
import { onTestFinished, vi } from "vitest";
import { type CollectedSpan, startCollector } from "./collector.ts";
import { UPDATE, type UpdateData } from "./documents.ts";
import { listen } from "./listening.ts";

/** A gateway with a port, and a worker when it is asked for, on a real Redis; both traced into a collector. */
export async function startTraced() {
  const collector = await startCollector();
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url);
  vi.stubEnv("OTEL_BSP_SCHEDULE_DELAY", "20"); // ms a span waits for others
  const settings = {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: undefined,
    OTEL_SDK_DISABLED: false,
  };
  const tracing = await startTracing("patchlane-tests", settings, pino({ level: "silent" }));
  const [redis, simulator] = await Promise.all([
    startLocalRedis({ durable: false }),
    startSimulator({ limiter: "none", referrals: 1 }),
  ]);
  return {
    collector,
    redis,
    simulator,
    /** A gateway of an account of its own; both end with the test. */
    start: (more: Readonly<Record<string, string>> = {}) =>
      startGatewayOf({ redisUrl: redis.url, upstreamUrl: simulator.url }, more),
    close: async () => {
      await tracing.stop();
      vi.unstubAllEnvs();
      await Promise.all([simulator.close(), redis.stop(), collector.close()]);
    },
  };
}

export type Traced = Awaited<ReturnType<typeof startTraced>>;

async function startGatewayOf(
  urls: { redisUrl: string; upstreamUrl: string },
  settings: Readonly<Record<string, string>>,
) {
  const accountId = `traced-${randomBytes(6).toString("hex")}`;
  const origin = await listen({ ...urls, settings: { ACCOUNT_ID: accountId, ...settings } });
  const rate = { ratePerSecond: 1_000, burst: 100 };
  const options = { redisUrl: urls.redisUrl, accountId, rate, onError: () => {} };
  const queue = openUpdateQueue(options);
  onTestFinished(() => queue.close());
  await queue.untilConnected(20_000);
  return {
    origin,
    queue,
    startWorker: (): Service => {
      const given = {
        PARTNER_CENTER_URL: urls.upstreamUrl,
        PARTNER_CENTER_TIMEOUT_MS: 20_000,
        WORKER_CONCURRENCY: 4,
        WORKER_GATHER_MS: 0,
      } as Parameters<typeof startWorker>[0];
      const tokens = fixedToken("simulator-token");
      const worker = startWorker(given, openLaneQueue(options), tokens, pino({ level: "silent" }));
      onTestFinished(() => worker.stop());
      return worker;
    },
    /** Sends a mutation with these headers; answers the update's id. */
    update: async (
      input: Readonly<Record<string, unknown>>,
      headers: Readonly<Record<string, string>> = {},
      query: string = UPDATE,
    ): Promise<string> => {
      const response = await fetch(`${origin}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify({ query, variables: { input: { waitMs: 0, ...input } } }),
      });
      const { data } = (await response.json()) as { data: UpdateData };
      return data.updateReferral.update.id;
    },
  };
}

export const TRACE_ID = () => randomBytes(16).toString("hex");

/** The span a caller sends along. */
export function callersSpan(isSampled = true) {
  const [traceId, spanId] = [randomBytes(16).toString("hex"), randomBytes(8).toString("hex")];
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-${isSampled ? "01" : "00"}` };
}

/** Names from a span up to where its trace entered, and the id of what is above that. */
export function lineageOf(spans: readonly CollectedSpan[], span: CollectedSpan) {
  const names: string[] = [];
  let at: CollectedSpan | undefined = span;
  let above = "";
  while (at !== undefined) {
    names.push(at.name);
    above = at.parentSpanId;
    const { parentSpanId, traceId }: CollectedSpan = at;
    at = spans.find((each) => each.spanId === parentSpanId && each.traceId === traceId);
  }
  return { names, above };
}

/** The spans and events that tell of an update being settled. */
export function settlements(spans: readonly CollectedSpan[], updateId: string) {
  const ofIt = (facts: CollectedSpan["facts"]) => facts["patchlane.update.id"] === updateId;
  return spans.flatMap((span) => [
    ...(span.name === "update settled" && ofIt(span.facts) ? [{ span, facts: span.facts }] : []),
    ...span.events
      .filter(({ name, facts }) => name === "update settled" && ofIt(facts))
      .map(({ facts }) => ({ span, facts })),
  ]);
}
