import { collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Served } from "../http-server.ts";

/** From a cached answer to the longest `waitMs`. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What kind of GraphQL operation it was; `none` when it could not be told. */
export type OperationType = "query" | "mutation" | "subscription" | "none";
/** `refused`: it was not executed. `errors`: it was, and errors are in its answer. */
export type OperationOutcome = "ok" | "errors" | "refused";

/** What this gateway process measures of itself. No label holds what a caller chose. */
export interface ProcessMetrics {
  /** In the format of `contentType`. */
  text(): Promise<string>;
  readonly contentType: string;
  served(request: Served): void;
  operation(type: OperationType, outcome: OperationOutcome, durationMs: number): void;
  streamOpened(): void;
  streamClosed(): void;
}

/** A registry of its own, with Node's and the process' usual metrics. */
export function createProcessMetrics(): ProcessMetrics {
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });
  const requests = new Histogram({
    name: "patchlane_http_request_duration_seconds",
    help: "Seconds from a request's head to the end of its answer, by route and class of status; event streams are left out. Of this gateway.",
    labelNames: ["route", "status"] as const,
    buckets: SECONDS,
    registers,
  });
  const operations = new Histogram({
    name: "patchlane_graphql_operation_duration_seconds",
    help: "Seconds from a parsed request to its result, for a subscription to its stream. Of this gateway.",
    labelNames: ["type", "outcome"] as const,
    buckets: SECONDS,
    registers,
  });
  const streams = new Gauge({
    name: "patchlane_event_streams_open",
    help: "Subscriptions that are being told of events. Of this gateway.",
    registers,
  });
  return {
    // It writes "Nan", which not every reader takes for a number.
    text: async () => (await register.metrics()).replace(/ Nan$/gm, " NaN"),
    contentType: register.contentType,
    served: ({ route, status, durationMs, isStream }) => {
      if (!isStream) {
        requests.observe({ route, status: statusClass(status) }, durationMs / 1_000);
      }
    },
    operation: (type, outcome, durationMs) => {
      operations.observe({ type, outcome }, durationMs / 1_000);
    },
    streamOpened: () => streams.inc(),
    streamClosed: () => streams.dec(),
  };
}

function statusClass(status: number): string {
  return `${Math.floor(status / 100)}xx`;
}
