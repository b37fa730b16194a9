import { isSpanContextValid, type SpanContext, TraceFlags } from "@opentelemetry/api";

/*
 * W3C Trace Context, `traceparent` only. Its companions `tracestate` and `baggage` are texts of whoever calls: they
 * are neither stored nor exported.
 */

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** A `traceparent` as a span context; undefined when it is none. What a later version adds behind it is ignored. */
export function parseTraceparent(text: string | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags, more] = TRACEPARENT.exec(text?.trim() ?? "") ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) {
    return undefined;
  }
  if (more !== undefined && text?.trim().startsWith("00")) {
    return undefined; // version 00 ends with the flags
  }
  const traceFlags = Number.parseInt(flags, 16) & TraceFlags.SAMPLED;
  const found = { traceId, spanId, traceFlags, isRemote: true };
  return isSpanContextValid(found) ? found : undefined;
}

export function formatTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${(traceFlags & TraceFlags.SAMPLED).toString(16).padStart(2, "0")}`;
}

/** The trace a `traceparent` belongs to. */
export function traceIdOf(traceparent: string): string | undefined {
  return parseTraceparent(traceparent)?.traceId;
}
