import type { IncomingHttpHeaders } from "node:http";
import { performance } from "node:perf_hooks";
import type { Pool } from "undici";
import type { CallOptions, CallTrace } from "./call.ts";
import {
  type CallObserver,
  type CallOperation,
  type CallWatch,
  watchCall,
} from "./call-observer.ts";
import { classifyFailure } from "./classify-failure.ts";
import { CallAbortedError, PartnerCenterError } from "./errors.ts";
import { type ExchangeOutcome, exchange } from "./exchange.ts";
import type { FailureKind, HttpMethod } from "./failure-kind.ts";
import { failureOf } from "./failure-of.ts";
import { headerText, isHeaderSafe, requestHeaders } from "./headers.ts";
import type { CallPriority, RateBudget, SendPermit } from "./rate-budget.ts";
import { retryAfter } from "./retry-after.ts";
import { type AccessTokenProvider, TokenUnavailableError } from "./tokens/access-token-provider.ts";
import { untilAborted } from "./until-aborted.ts";
import { writeOf } from "./write-of.ts";

/** What `beforeSend` established is taken to hold for this long, in milliseconds; then it is asked again. */
const MAX_BEFORE_SEND_AGE_MS = 1_000;

/** A Node timer set for longer fires at once. */
const MAX_TIMER_MS = 2_147_483_647;

/** Everything a call needs, made once per client. */
export interface Connection {
  pool: Pool;
  /** Path of the base URL without a trailing slash. */
  basePath: string;
  tokens: AccessTokenProvider;
  budget: RateBudget;
  observers: readonly CallObserver[];
  timeoutMs: number;
  newId: () => string;
  now: () => number;
}

/** One REST call. */
export interface Call {
  operation: CallOperation;
  method: HttpMethod;
  /** Below the base path, without the query. */
  path: string;
  /** With its question mark, or empty. */
  query?: string;
  body?: string;
  ifMatch?: string;
  maxResponseBytes: number;
}

/** A call answered with one of its success statuses. */
export interface Answer {
  headers: IncomingHttpHeaders;
  /** `undefined` when the body did not arrive whole; `fault` says why. */
  text: string | undefined;
  fault: { code: string | undefined; cause: unknown } | undefined;
  call: CallTrace;
}

/** A call with its ids: what every error and trace names. */
export interface IdentifiedCall extends Call {
  clientRequestId: string;
  requestId: string;
}

/**
 * Makes one attempt of one call. The order of concerns is the order of the lines.
 * Throws `PartnerCenterError`, `TokenUnavailableError`, `CallAbortedError`, or what `beforeSend` or the budget threw.
 */
export async function send(
  connection: Connection,
  call: Call,
  options: CallOptions = {},
): Promise<Answer> {
  const { tokens, budget, observers } = connection;
  const { method, operation } = call;
  const identified = identify(connection, call, options);
  await takeToken(tokens, identified, options); // no token, no budget spent
  const permit = await spendBudget(budget, identified, options);
  const watch = watchCall(observers, { method, operation, priority: priorityOf(options) });
  const made = await exchangeFresh(connection, identified, permit, watch, options);
  const { sent, outcome } = made;
  const failure = failureIn(connection, made);
  tellEnd(watch, sent, outcome, failure);
  await reportToBudget(connection, sent, outcome);
  return settle(sent, outcome, failure);
}

/** Gives the call its ids and checks everything that will stand in a header. */
function identify(
  connection: Connection,
  call: Call,
  ids: Pick<CallOptions, "requestId" | "clientRequestId">,
): IdentifiedCall {
  const identified: IdentifiedCall = {
    ...call,
    clientRequestId: ids.clientRequestId ?? connection.newId(),
    requestId: ids.requestId ?? connection.newId(),
  };
  for (const [code, value] of [
    ["INVALID_REQUEST_ID", identified.requestId],
    ["INVALID_REQUEST_ID", identified.clientRequestId],
    ["INVALID_IF_MATCH", identified.ifMatch],
  ] as const) {
    if (value !== undefined && !isHeaderSafe(value)) throw refused(call, code);
  }
  return identified;
}

async function takeToken(
  tokens: AccessTokenProvider,
  call: IdentifiedCall,
  options: CallOptions,
): Promise<string> {
  const signal = waitingSignal(options);
  if (signal?.aborted) throw notSent(call);
  const token = await orAborted(tokens.getToken({ signal }), call, signal);
  if (!isHeaderSafe(token)) throw new TokenUnavailableError({ reason: "invalidTokenResponse" });
  return token;
}

async function spendBudget(
  budget: RateBudget,
  call: IdentifiedCall,
  options: CallOptions,
): Promise<SendPermit> {
  const signal = waitingSignal(options);
  return orAborted(budget.acquire({ priority: priorityOf(options), signal }), call, signal);
}

/** A call that was made: what was sent at last, with which token, and what came of it. */
interface MadeCall {
  readonly sent: IdentifiedCall;
  readonly token: string;
  readonly outcome: ExchangeOutcome;
}

/**
 * Token, `beforeSend`, the permit's moment, socket. When the socket was not ready soon enough after `beforeSend`, nothing was written
 * and budget and `beforeSend` are asked again: the moment is over, and a lease may have been lost meanwhile.
 */
async function exchangeFresh(
  connection: Connection,
  call: IdentifiedCall,
  firstPermit: SendPermit,
  watch: CallWatch,
  options: CallOptions,
): Promise<MadeCall> {
  const timeoutMs = Math.min(options.timeoutMs ?? connection.timeoutMs, MAX_TIMER_MS);
  let sent = call;
  for (let permit = firstPermit; ; permit = await spendBudget(connection.budget, call, options)) {
    // Waiting for the budget may have outlived the token that was in hand before it.
    const token = await takeToken(connection.tokens, call, options);
    const instead = await options.beforeSend?.();
    if (instead) {
      sent = identify(connection, { ...call, ...writeOf(instead) }, instead);
    }
    // Counted from here, not from the permit's moment: a process paused in between must ask again.
    const checkedAt = performance.now();
    let mayLeave = await permit.due();
    if (mayLeave) {
      const deadline = performance.now() + timeoutMs; // waiting for the budget is not counted
      const startBy =
        options.beforeSend === undefined ? deadline : checkedAt + MAX_BEFORE_SEND_AGE_MS;
      const outcome = await exchange(connection.pool, {
        method: call.method,
        path: connection.basePath + call.path + (call.query ?? ""),
        headers: requestHeaders({ ...sent, token, hasBody: sent.body !== undefined }),
        body: sent.body,
        maxResponseBytes: call.maxResponseBytes,
        deadline,
        startBy,
        signal: options.signal,
        onStart: () => {
          mayLeave = permit.sent();
          if (mayLeave) watch.started();
          return mayLeave;
        },
      });
      if (outcome.type === "answer") permit.answered();
      if (outcome.type !== "late") return { sent, token, outcome };
    }
    if (!mayLeave && options.beforeSend !== undefined) {
      // What it put on record for this call cannot stay so for as long as the budget may be closed.
      throw refused(sent, "BUDGET_CLOSED", "throttled");
    }
  }
}

/** The budget learns from every answer. Its own trouble must not replace the outcome of a call that was made. */
async function reportToBudget(
  { budget, now }: Connection,
  call: IdentifiedCall,
  outcome: ExchangeOutcome,
): Promise<void> {
  if (outcome.type !== "answer") return;
  const retryAfterMs = retryAfter(outcome.headers, now());
  const kind = classifyFailure({
    method: call.method,
    status: outcome.status,
    hasRetryAfter: retryAfterMs !== undefined,
    wasSent: true,
  });
  try {
    const isForRate = outcome.status !== 503;
    if (kind === "throttled") await budget.throttled({ retryAfterMs, isForRate });
    else budget.succeeded();
  } catch {
    // The port's implementation reports its own failures.
  }
}

/** What an outcome means that is not the success asked for. */
function failureIn(
  { now }: Connection,
  { sent, token, outcome }: MadeCall,
): PartnerCenterError | CallAbortedError | undefined {
  const isSuccess =
    outcome.type === "answer" && successStatuses[sent.method].includes(outcome.status);
  return isSuccess ? undefined : failureOf(sent, outcome, { token, now: now() });
}

function tellEnd(
  watch: CallWatch,
  { clientRequestId, requestId }: IdentifiedCall,
  outcome: ExchangeOutcome,
  failure: PartnerCenterError | CallAbortedError | undefined,
): void {
  const status = outcome.type === "answer" ? outcome.status : undefined;
  const kind = failure instanceof PartnerCenterError ? failure.kind : undefined;
  watch.ended({ status, kind, clientRequestId, requestId });
}

/** Turns the outcome into the answer, or throws what it means. */
function settle(
  call: IdentifiedCall,
  outcome: ExchangeOutcome,
  failure: PartnerCenterError | CallAbortedError | undefined,
): Answer {
  if (failure !== undefined || outcome.type !== "answer") throw failure;
  const { status, headers, text, fault, durationMs } = outcome;
  return {
    headers,
    text,
    fault,
    call: {
      method: call.method,
      path: call.path,
      status,
      clientRequestId: call.clientRequestId,
      requestId: call.requestId,
      upstreamRequestId: headerText(headers, "request-id"),
      diagnostic: headerText(headers, "x-ms-ags-diagnostic"),
      durationMs,
    },
  };
}

/** What the API answers when it did as asked. Any other 2xx is not this API's. */
const successStatuses: Readonly<Record<HttpMethod, readonly number[]>> = {
  GET: [200],
  PATCH: [200, 201, 204],
};

function priorityOf({ priority = "bulk" }: CallOptions): CallPriority {
  return priority;
}

/** An error for a call that cannot be made as asked; nothing was sent. */
export function refused(
  call: Pick<Call, "method" | "path">,
  code: string,
  kind: FailureKind = "rejected",
): PartnerCenterError {
  return new PartnerCenterError({
    kind,
    method: call.method,
    path: call.path,
    code,
    wasSent: false,
    isEffectUncertain: false,
  });
}

/** Whatever ends the waiting. */
function waitingSignal({ signal, waitSignal }: CallOptions): AbortSignal | undefined {
  return signal && waitSignal ? AbortSignal.any([signal, waitSignal]) : (signal ?? waitSignal);
}

function notSent({ method, path }: Call): CallAbortedError {
  return new CallAbortedError({ method, path, wasSent: false });
}

/** Waits for a step before sending; an abort ends the wait even if the step does not listen for it. */
async function orAborted<T>(
  step: Promise<T>,
  call: Call,
  signal: AbortSignal | undefined,
): Promise<T> {
  try {
    return await untilAborted(step, signal);
  } catch (error) {
    throw signal?.aborted ? notSent(call) : error;
  }
}
