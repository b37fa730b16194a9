import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { LogEntry } from "./request-log.ts";
import type { World } from "./world.ts";

/** One request to the API from arrival to its end, with its log entry. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly entry: LogEntry;
  /** What the answer carries as `request-id`. */
  readonly requestId: string;
  /** Ends the bookkeeping; call right before the last byte leaves, or the connection is cut. */
  end(outcome: "answered" | "cut", status: number | null): void;
}

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether `text` is a GUID as the request headers want it. */
export function isGuid(text: string | null | undefined): boolean {
  return typeof text === "string" && GUID.test(text);
}

/**
 * Enters a request into log and counters. A write counts as in flight until it is answered or
 * its connection is gone: a client that gave up is not waiting for it any more.
 */
export function openExchange(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
  referralId: string | undefined,
  isReferralWrite: boolean,
): Exchange {
  const { counters, log } = world;
  const { headers } = request;
  const requestId = header(headers["request-id"]);
  const referral = referralId === undefined ? undefined : world.store.get(referralId);
  const writeId = isReferralWrite ? referralId : undefined;
  const entry: LogEntry = {
    seq: 0,
    startMs: world.options.nowMs(),
    endMs: null,
    method: request.method ?? "",
    path: request.url ?? "",
    referralId: referralId ?? null,
    outcome: "open",
    status: null,
    retryAfterMs: null,
    clientRequestId: header(headers["client-request-id"]),
    requestId,
    ifMatch: header(headers["if-match"]),
    prefer: header(headers.prefer),
    bodyText: null,
    applied: false,
    replayed: false,
    faultIds: [],
    etagBefore: referral?.etag ?? null,
    etagAfter: referral?.etag ?? null,
    concurrentWritesSameReferral: writeId === undefined ? 0 : counters.writeBegan(writeId),
  };
  counters.arrived();
  log.add(entry);

  function close(outcome: "answered" | "cut" | "abandoned", status: number | null): void {
    if (entry.endMs !== null) return;
    entry.endMs = world.options.nowMs();
    entry.outcome = outcome;
    entry.status = status;
    counters.ended(outcome, status);
    if (writeId !== undefined) counters.writeEnded(writeId);
    for (const listener of world.onRequestEnd) listener(entry);
  }

  response.on("close", () => close("abandoned", null));
  return {
    request,
    response,
    entry,
    requestId: requestId !== null && isGuid(requestId) ? requestId : randomUUID(),
    end: close,
  };
}

function header(value: string | string[] | undefined): string | null {
  if (value === undefined) return null;
  return typeof value === "string" ? value : value.join(", ");
}
