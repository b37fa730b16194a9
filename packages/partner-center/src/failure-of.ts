import { classifyFailure, type FailureFacts, isEffectUncertain } from "./classify-failure.ts";
import { CallAbortedError, PartnerCenterError } from "./errors.ts";
import type { ExchangeFault, ExchangeOutcome } from "./exchange.ts";
import { etagOf } from "./headers.ts";
import { parseJson } from "./parse-json.ts";
import { retryAfter } from "./retry-after.ts";
import { safeCause } from "./safe-cause.ts";
import type { IdentifiedCall } from "./send.ts";
import { readUpstreamError } from "./upstream-error.ts";
import { withoutTokens } from "./without-tokens.ts";

/** What is known besides an answer. */
interface Circumstances {
  /** The one that was sent: the upstream may quote it. */
  readonly token: string;
  /** The wall clock in milliseconds. */
  readonly now: number;
}

/** The error a failed exchange becomes. */
export function failureOf(
  call: IdentifiedCall,
  outcome: ExchangeOutcome,
  circumstances: Circumstances,
): PartnerCenterError | CallAbortedError {
  if (outcome.type === "answer") return answeredFailure(call, outcome, circumstances);
  const wasSent = outcome.type === "lost" && outcome.wasSent;
  const fault = outcome.type === "lost" ? outcome.fault : { code: "TIMEOUT", cause: undefined };
  if (fault.code === "ABORTED" && !(wasSent && call.method !== "GET")) {
    return new CallAbortedError({ method: call.method, path: call.path, wasSent });
  }
  return failure(call, { wasSent, hasRetryAfter: false, code: fault.code }, fault);
}

/** The error a success status becomes whose body cannot be used by a read. */
export function unusableAnswer(
  call: Pick<IdentifiedCall, "method" | "path" | "clientRequestId" | "requestId">,
  status: number,
  fault: ExchangeFault,
): PartnerCenterError | CallAbortedError {
  if (fault.code === "ABORTED") {
    return new CallAbortedError({ method: call.method, path: call.path, wasSent: true });
  }
  return failure(call, { status, wasSent: true, hasRetryAfter: false, code: fault.code }, fault);
}

function answeredFailure(
  call: IdentifiedCall,
  outcome: ExchangeOutcome & { type: "answer" },
  { token, now }: Circumstances,
): PartnerCenterError {
  const text = outcome.text === undefined ? undefined : withoutTokens(outcome.text, token);
  const body = text === undefined ? undefined : parseJson(text);
  const upstream = readUpstreamError(body);
  const retryAfterMs = retryAfter(outcome.headers, now);
  return failure(
    call,
    {
      status: outcome.status,
      errorCode: upstream.code,
      hasRetryAfter: retryAfterMs !== undefined,
      wasSent: true,
    },
    outcome.fault,
    { retryAfterMs, upstreamMessage: upstream.message, etag: etagOf(outcome.headers, undefined) },
  );
}

function failure(
  call: Pick<IdentifiedCall, "method" | "path" | "clientRequestId" | "requestId">,
  facts: Omit<FailureFacts, "method">,
  fault: ExchangeFault | undefined,
  extra: { retryAfterMs?: number; upstreamMessage?: string; etag?: string } = {},
): PartnerCenterError {
  const known: FailureFacts = { ...facts, method: call.method };
  const kind = classifyFailure(known);
  return new PartnerCenterError({
    kind,
    method: call.method,
    path: call.path,
    status: facts.status,
    code: facts.errorCode ?? facts.code,
    requestId: call.requestId,
    clientRequestId: call.clientRequestId,
    wasSent: facts.wasSent,
    isEffectUncertain: isEffectUncertain({ ...known, kind }),
    cause: fault?.cause === undefined ? undefined : safeCause(fault.cause),
    ...extra,
  });
}
