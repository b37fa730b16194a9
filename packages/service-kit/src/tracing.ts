import {
  type Context,
  context,
  isSpanContextValid,
  type Link,
  type Span as OtelSpan,
  type ProxyTracerProvider,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { PartnerCenterError } from "@patchlane/partner-center";
import { formatTraceparent, parseTraceparent } from "./tracing-context.ts";
import { listedFacts, type SpanFacts } from "./tracing-facts.ts";

/*
 * The one way spans are made here. Without `startTracing` everything in this file does next to nothing.
 *
 * A span is made where a trace begins or is continued (`parent`), and below a span that is recorded; anywhere else,
 * as in a trace that is not sampled, the work is done without one.
 */

const TRACER = "patchlane";

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

export interface SpanOptions {
  /** Default `internal`. */
  readonly kind?: keyof typeof KINDS;
  /** A `traceparent` to continue, or `root`: a trace of its own. Default: below the active span, else none is made. */
  readonly parent?: string | undefined;
  /** `traceparent`s of spans in other traces (or this one) that have to do with it. */
  readonly links?: readonly (string | undefined)[];
  /** Unix ms, when it began before now. */
  readonly startedAt?: number;
}

/** The span under way; one that is not recorded takes everything and tells nothing. */
export interface Span {
  set(facts: SpanFacts): void;
  event(name: string, facts?: SpanFacts): void;
  link(traceparent: string | undefined): void;
  /** Marks it as gone wrong; `type` is a code or the name of an error's class. */
  fail(type: string): void;
  /** For who is to continue or link to it; undefined when it is not recorded. */
  readonly traceparent: string | undefined;
}

const silent: Span = {
  set: () => {},
  event: () => {},
  link: () => {},
  fail: () => {},
  traceparent: undefined,
};

/** Whether `startTracing` was called with somewhere to send traces to. */
export function isTracing(): boolean {
  // By what it can do: there may be a second copy of the API, which shares the provider but not its classes.
  const provider: Partial<ProxyTracerProvider> = trace.getTracerProvider();
  return provider.getDelegateTracer?.(TRACER) !== undefined;
}

/** Does `run` in a span. What it throws marks the span by its class alone, and is rethrown. */
export async function inSpan<T>(
  name: string,
  facts: SpanFacts,
  run: (span: Span) => T | Promise<T>,
  options: SpanOptions = {},
): Promise<T> {
  const begun = begin(name, facts, options);
  if (begun === undefined) {
    return run(silent);
  }
  const { span, within } = begun;
  const told = tell(span);
  try {
    return await context.with(within, () => run(told));
  } catch (error) {
    told.fail(typeOf(error));
    throw error;
  } finally {
    span.end();
  }
}

/** Never what an error says: that may quote what it was given. */
function typeOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return typeof error;
  }
  if (error instanceof PartnerCenterError) {
    return error.kind;
  }
  return error.name === "Error" ? error.constructor.name : error.name;
}

/** A span that is ended by hand, and is not the active one of anything. */
export function startSpan(
  name: string,
  facts: SpanFacts,
  options: SpanOptions = {},
): Span & { end(): void } {
  const begun = begin(name, facts, options);
  return begun === undefined
    ? { ...silent, end: () => {} }
    : { ...tell(begun.span), end: () => begun.span.end() };
}

/** The span this code runs in. */
export function activeSpan(): Span {
  const span = trace.getActiveSpan();
  return span?.isRecording() ? tell(span) : silent;
}

/** The trace this code runs in, when it is recorded: for log lines. */
export function activeTraceId(): string | undefined {
  const span = trace.getActiveSpan();
  return span?.isRecording() ? span.spanContext().traceId : undefined;
}

function begin(
  name: string,
  facts: SpanFacts,
  { kind = "internal", parent, links = [], startedAt }: SpanOptions,
): { span: OtelSpan; within: Context } | undefined {
  if (parent === undefined && trace.getActiveSpan()?.isRecording() !== true) {
    return undefined;
  }
  const above = parent === undefined ? context.active() : contextOf(parent);
  const span = trace.getTracer(TRACER).startSpan(
    name,
    {
      kind: KINDS[kind],
      attributes: listedFacts(facts),
      links: links.flatMap(linkTo),
      ...(startedAt === undefined ? {} : { startTime: startedAt }),
    },
    above,
  );
  // One that is not recorded is entered too: what is below it is not recorded either, whatever is around it.
  return isSpanContextValid(span.spanContext())
    ? { span, within: trace.setSpan(above, span) }
    : undefined;
}

function contextOf(parent: string): Context {
  const remote = parseTraceparent(parent);
  return remote === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, remote);
}

function linkTo(traceparent: string | undefined): Link[] {
  const linked = parseTraceparent(traceparent);
  return linked === undefined ? [] : [{ context: linked }];
}

function tell(span: OtelSpan): Span {
  if (!span.isRecording()) {
    return silent;
  }
  return {
    set: (facts) => void span.setAttributes(listedFacts(facts)),
    event: (name, facts = {}) => void span.addEvent(name, listedFacts(facts)),
    link: (traceparent) => void span.addLinks(linkTo(traceparent)),
    fail: (type) =>
      void span
        .setStatus({ code: SpanStatusCode.ERROR })
        .setAttributes(listedFacts({ "error.type": type })),
    traceparent: formatTraceparent(span.spanContext()),
  };
}
