import type { FailureKind, HttpMethod } from "./failure-kind.ts";

/** Everything a {@link PartnerCenterError} is made of. */
export interface PartnerCenterErrorDetails {
  kind: FailureKind;
  method: HttpMethod;
  /** Path below the base URL, without the query: filters may hold personal data. */
  path: string;
  status?: number;
  code?: string;
  upstreamMessage?: string;
  retryAfterMs?: number;
  requestId?: string;
  clientRequestId?: string;
  etag?: string;
  wasSent: boolean;
  isEffectUncertain: boolean;
  cause?: unknown;
}

/**
 * Thrown when a call was answered with a failure, was cut off, or could not be sent.
 *
 * Decide on `kind`; `status`, `code` and the ids are for people and traces. `wasSent` says whether any byte of
 * the request may have left; `isEffectUncertain` whether a write may have taken effect in spite of the failure.
 * Message, own properties and `cause` hold only an allow-list (method, path, status, codes, ids), so the error
 * can be logged as it is. Thrown instead: `CallAbortedError` when the caller's signal ended a call without effect,
 * {@link TokenUnavailableError} when there was no token to send.
 */
export class PartnerCenterError extends Error {
  override readonly name: string = "PartnerCenterError";
  readonly kind: FailureKind;
  readonly method: HttpMethod;
  readonly path: string;
  /** HTTP status, when there was an answer. */
  readonly status: number | undefined;
  /** The most specific upstream error code that is understood, else the outermost, else the socket's code. */
  readonly code: string | undefined;
  /** What `Retry-After` asked for, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** The `request-id` this call carried; a retry after a lost answer carries it again. */
  readonly requestId: string | undefined;
  /** The `client-request-id` of this one call, for the vendor's support. */
  readonly clientRequestId: string | undefined;
  /** The referral's current ETag, when the failure told it. */
  readonly etag: string | undefined;
  readonly wasSent: boolean;
  readonly isEffectUncertain: boolean;
  // Private, so that neither inspect nor JSON shows it: the upstream may quote what we sent, personal data included.
  readonly #upstreamMessage: string | undefined;

  constructor(details: PartnerCenterErrorDetails) {
    super(describe(details), details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = details.kind;
    this.method = details.method;
    this.path = details.path;
    this.status = details.status;
    this.code = details.code;
    this.retryAfterMs = details.retryAfterMs;
    this.requestId = details.requestId;
    this.clientRequestId = details.clientRequestId;
    this.etag = details.etag;
    this.wasSent = details.wasSent;
    this.isEffectUncertain = details.isEffectUncertain;
    this.#upstreamMessage = details.upstreamMessage;
  }

  /**
   * The upstream's own explanation (at most 1024 characters), for showing to the caller who sent the change.
   * It may quote personal data: do not log it, never decide on it.
   */
  get upstreamMessage(): string | undefined {
    return this.#upstreamMessage;
  }
}

/** Thrown when an id cannot be a referral's, before it gets near a URL. Nothing was sent. */
export class InvalidReferralIdError extends PartnerCenterError {
  override readonly name = "InvalidReferralIdError";

  constructor(method: HttpMethod) {
    super({
      kind: "rejected",
      method,
      path: "/engagements/referrals/{id}",
      code: "INVALID_REFERRAL_ID",
      wasSent: false,
      isEffectUncertain: false,
    });
  }
}

/**
 * Thrown when the caller's signal ended a call that has no effect: any read, and a write of which no byte was sent.
 * A write that was cut off after that is a {@link PartnerCenterError} of kind `unknownOutcome` instead.
 */
export class CallAbortedError extends Error {
  override readonly name = "AbortError";
  readonly code = "ABORT_ERR";
  readonly wasSent: boolean;
  readonly isEffectUncertain = false as const;

  constructor(details: { method: HttpMethod; path: string; wasSent: boolean }) {
    super(`${details.method} ${details.path}: aborted by the caller`);
    this.wasSent = details.wasSent;
  }
}

function describe(details: PartnerCenterErrorDetails): string {
  const facts = [
    details.kind,
    details.status === undefined ? undefined : `status ${details.status}`,
    details.code,
    details.clientRequestId && `client-request-id ${details.clientRequestId}`,
    details.requestId && `request-id ${details.requestId}`,
  ].filter(Boolean);
  return `${details.method} ${details.path}: ${facts.join(", ")}`;
}
