import { randomBytes } from "node:crypto";
import { type LocalRedis, startLocalRedis } from "@patchlane/local-redis";
import { type Simulator, startSimulator } from "@patchlane/simulator";
import { openUpdateQueue, type UpdateQueue } from "@patchlane/update-queue";
import { expect } from "vitest";
import { type CollectedSpan, type Collector, startCollector } from "./collector.ts";
import { UPDATE, type UpdateData } from "./documents.ts";
import { type AppProcess, startApp } from "./process.ts";

type Settings = Readonly<Record<string, string>>;

/** A gateway and, when asked for, a worker: processes of their own, traced into a collector. */
export interface Traced {
  readonly collector: Collector;
  readonly simulator: Simulator;
  readonly redisUrl: string;
  /** The queue as a third party sees it. */
  readonly queue: UpdateQueue;
  readonly gateway: AppProcess;
  readonly origin: string;
  /** Starts a worker, or answers the one that runs. */
  startWorker(): Promise<AppProcess>;
  stopWorker(): Promise<void>;
  /** Sends a mutation; answers the update's id. */
  update(input: Readonly<Record<string, unknown>>, headers?: Settings): Promise<string>;
  close(): Promise<void>;
}

export async function startTraced(settings: Settings = {}): Promise<Traced> {
  const { PARTNER_CENTER_ACCESS_TOKEN: token = "simulator-token" } = settings;
  const [collector, redis, simulator] = await Promise.all([
    startCollector(),
    startLocalRedis({ durable: false }),
    startSimulator({ limiter: "none", referrals: 1, token }),
  ]);
  const environment: Settings = {
    REDIS_URL: redis.url,
    PARTNER_CENTER_URL: simulator.url,
    PARTNER_CENTER_ACCESS_TOKEN: token,
    PARTNER_CENTER_RATE: "2000",
    PARTNER_CENTER_BURST: "200",
    GATEWAY_AUTH: "dev",
    PORT: "0",
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_BSP_SCHEDULE_DELAY: "20", // ms a span waits for others
    ...settings,
  };
  const gateway = await startApp("gateway", environment);
  const { origin } = new URL(String(gateway.ready.url));
  const queue = openUpdateQueue({
    redisUrl: redis.url,
    rate: { ratePerSecond: 100, burst: 10 },
    onError: () => {},
  });
  expect(await queue.untilConnected(20_000)).toBe(true);
  let worker: Promise<AppProcess> | undefined;
  const stopWorker = async (): Promise<void> => {
    await (await worker)?.stop();
    worker = undefined;
  };
  return {
    collector,
    simulator,
    redisUrl: redis.url,
    queue,
    gateway,
    origin,
    startWorker: () => {
      worker ??= startApp("worker", environment);
      return worker;
    },
    stopWorker,
    update: (input, headers) => sendUpdate(origin, input, headers),
    close: async () => {
      await Promise.all([gateway.stop(), stopWorker(), queue.close()]);
      await endAll(simulator, redis, collector);
    },
  };
}

async function endAll(simulator: Simulator, redis: LocalRedis, collector: Collector) {
  await Promise.all([simulator.close(), redis.stop(), collector.close()]);
}

/** Sends a mutation with these headers; answers the update's id. */
export async function sendUpdate(
  origin: string,
  input: Readonly<Record<string, unknown>>,
  headers: Settings = {},
): Promise<string> {
  const response = await fetch(`${origin}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query: UPDATE, variables: { input: { waitMs: 0, ...input } } }),
  });
  const { data } = (await response.json()) as { data: UpdateData };
  return data.updateReferral.update.id;
}

/** The span a caller sends along. */
export function callersSpan(isSampled = true) {
  const [traceId, spanId] = [randomBytes(16).toString("hex"), randomBytes(8).toString("hex")];
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-${isSampled ? "01" : "00"}` };
}

export const byName = (spans: readonly CollectedSpan[], traceId: string, name: string) =>
  spans.filter((span) => span.traceId === traceId && span.name === name);

/** Names from a span up to where its trace entered, and the id of what is above that. */
export function lineageOf(spans: readonly CollectedSpan[], span: CollectedSpan | undefined) {
  const names: string[] = [];
  let at = span;
  let above = "";
  while (at !== undefined) {
    const { parentSpanId, traceId, name }: CollectedSpan = at;
    names.push(name);
    above = parentSpanId;
    at = spans.find((each) => each.spanId === parentSpanId && each.traceId === traceId);
  }
  return { names, above };
}

/** What tells of an update being settled: spans and events. */
export function settlements(spans: readonly CollectedSpan[], updateId: string) {
  const isOfIt = (facts: CollectedSpan["facts"]) => facts["patchlane.update.id"] === updateId;
  return spans.flatMap((span) => [
    ...(span.name === "update settled" && isOfIt(span.facts) ? [{ span, facts: span.facts }] : []),
    ...span.events
      .filter(({ name, facts }) => name === "update settled" && isOfIt(facts))
      .map(({ facts }) => ({ span, facts })),
  ]);
}
