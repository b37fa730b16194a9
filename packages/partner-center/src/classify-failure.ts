import type { FailureKind, HttpMethod } from "./failure-kind.ts";

/** What is known about a failure when it is classified. */
export interface FailureFacts {
  method: HttpMethod | "POST" | "PUT";
  /** HTTP status, when there was an answer. */
  status?: number;
  /** The socket's, HTTP library's or this client's code (`ECONNRESET`, `UND_ERR_SOCKET`, `TIMEOUT`, …). */
  code?: string;
  /** Whether the answer had a `Retry-After` that could be understood. */
  hasRetryAfter: boolean;
  /** Whether any byte of the request may have left. */
  wasSent: boolean;
  /** The upstream's own error code from the body. */
  errorCode?: string;
}

/** By status. Source: the vendor's "Partner API REST error codes"; 408, 425, 502 and 509 as RFC 9110 and custom have them. */
const kindByStatus: Readonly<Record<number, FailureKind>> = {
  400: "rejected",
  401: "unauthorized",
  403: "forbidden",
  404: "gone",
  406: "rejected",
  408: "transient",
  409: "rejected",
  410: "gone",
  411: "rejected",
  412: "conflict",
  413: "rejected",
  415: "rejected",
  416: "rejected",
  422: "rejected",
  423: "transient",
  425: "transient",
  429: "throttled",
  500: "transient",
  501: "rejected",
  502: "transient",
  503: "transient",
  504: "transient",
  505: "rejected",
  507: "rejected",
  509: "throttled",
};

/** By the upstream's code, for statuses the table above does not have. Source: same page. */
const kindByErrorCode: Readonly<Record<string, FailureKind>> = {
  invalidRequest: "rejected",
  unauthenticated: "unauthorized",
  accessDenied: "forbidden",
  itemNotFound: "gone",
  preconditionFailed: "conflict",
  resourceModified: "conflict",
  generalException: "transient",
  serviceNotAvailable: "transient",
};

/** A gateway in front of the API may give these after the API has already done the write. */
const maybeAppliedStatuses: ReadonlySet<number> = new Set([408, 500, 502, 504]);

/** Statuses of the 5xx range that say nothing was done. */
const refusedServerStatuses: ReadonlySet<number> = new Set([501, 503, 505, 507, 509]);

/**
 * Codes that find fault with the answer's form, so that asking again gives the same.
 * `HPE_INVALID_EOF_STATE` is not one: the parser says it when the connection ends inside a chunk.
 */
const malformedAnswer =
  /^(?:HPE_(?!INVALID_EOF_STATE)|UND_ERR_(?:HEADERS_OVERFLOW|NOT_SUPPORTED)|MALFORMED_|RESPONSE_TOO_LARGE$|(?:FOREIGN|REPEATED)_NEXT_LINK$)/;

/**
 * Names the {@link FailureKind} of a failure. Pure; unknown statuses and codes never throw.
 *
 * Reads and writes differ in one way: once a byte of a write may have left and no answer came back,
 * its outcome is unknown, whatever the socket said.
 */
export function classifyFailure(facts: FailureFacts): FailureKind {
  return facts.status === undefined ? kindOfLostCall(facts) : kindOfAnswer(facts, facts.status);
}

/** Whether a write that failed like this may have taken effect all the same. Always false for a read. */
export function isEffectUncertain(facts: FailureFacts & { kind: FailureKind }): boolean {
  if (facts.method === "GET" || !facts.wasSent) return false;
  if (facts.kind === "unknownOutcome") return true;
  if (facts.kind !== "transient" || facts.status === undefined) return false;
  return (
    maybeAppliedStatuses.has(facts.status) ||
    (facts.status > 500 && !refusedServerStatuses.has(facts.status))
  );
}

function kindOfLostCall(facts: FailureFacts): FailureKind {
  if (!facts.wasSent) return "transient";
  if (facts.method !== "GET") return "unknownOutcome";
  return facts.code !== undefined && malformedAnswer.test(facts.code) ? "protocol" : "transient";
}

function kindOfAnswer(facts: FailureFacts, status: number): FailureKind {
  if (status === 503 && facts.hasRetryAfter) return "throttled";
  if (isResourceModified(facts.errorCode) && status >= 400 && status < 500) return "conflict";
  const listed = kindByStatus[status];
  if (listed !== undefined) return listed;
  if (status < 300) return kindOfOddSuccess(facts);
  if (status < 400) return "protocol";
  const byCode = Object.hasOwn(kindByErrorCode, facts.errorCode ?? "")
    ? kindByErrorCode[facts.errorCode ?? ""]
    : undefined;
  return byCode ?? (status < 500 ? "rejected" : "transient");
}

/** A 2xx that could not be used: an answer without its body, or one this API does not give. */
function kindOfOddSuccess(facts: FailureFacts): FailureKind {
  if (facts.method !== "GET") return "unknownOutcome";
  return facts.code === undefined || malformedAnswer.test(facts.code) ? "protocol" : "transient";
}

/** The vendor lists `resourceModified` under 412; a 409 or 400 that carries it means the same. */
function isResourceModified(errorCode: string | undefined): boolean {
  return errorCode === "resourceModified" || errorCode === "preconditionFailed";
}
