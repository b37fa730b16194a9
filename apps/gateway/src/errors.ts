import { PartnerCenterError, TokenUnavailableError } from "@patchlane/partner-center";
import {
  isRedisTrouble,
  LedgerUnavailableError,
  SealedPayloadError,
  UnknownCursorError,
} from "@patchlane/update-queue";
import { GraphQLError, type GraphQLErrorExtensions } from "graphql";
import { ThrottledForLongError } from "./read-referral.ts";

/** ms after which a caller may try again when Redis or the upstream is away. */
export const RETRY_AFTER_MS = 1_000;

export type ErrorCode =
  | "BAD_REQUEST"
  | "BAD_USER_INPUT"
  | "DOCUMENT_NOT_TRUSTED"
  | "FORBIDDEN"
  | "INTERNAL_SERVER_ERROR"
  | "NOT_ACCEPTABLE"
  | "NOT_FOUND"
  | "PERSISTED_QUERY_NOT_FOUND"
  | "PERSISTED_QUERY_NOT_SUPPORTED"
  | "QUERY_TOO_COMPLEX"
  | "QUERY_TOO_DEEP"
  | "QUERY_TOO_LONG"
  | "SERVICE_UNAVAILABLE"
  | "TOO_MANY_STREAMS"
  | "UNAUTHENTICATED"
  | "UPSTREAM_REFUSED"
  | "VARIABLES_TOO_COMPLEX";

/** An error a caller may see as it is. */
export function callerError(
  code: ErrorCode,
  message: string,
  more: Readonly<Record<string, unknown>> = {},
): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...more } });
}

/** What is behind masked errors that an operator should hear of. */
const causes = new WeakMap<GraphQLError, { readonly cause: unknown }>();

/** What an operator should hear of, behind an error {@link maskError} gave; undefined when it is the caller's affair. */
export function internalCauseOf(masked: GraphQLError): { readonly cause: unknown } | undefined {
  return causes.get(masked);
}

/**
 * The one place that decides what a caller may see: errors written for callers pass, trouble with Redis or
 * the upstream becomes SERVICE_UNAVAILABLE, everything else is INTERNAL_SERVER_ERROR without its message.
 * GraphQL's own errors (syntax, validation, coercion) name the field and pass, less the values they quote.
 */
export function maskError(error: unknown): GraphQLError {
  const original = error instanceof GraphQLError ? (error.originalError ?? undefined) : error;
  if (
    error instanceof GraphQLError &&
    (original === undefined || original instanceof GraphQLError)
  ) {
    return error.path === undefined ? withoutValues(error) : error;
  }
  const { code, message, extensions, isInternal } = describe(original);
  const at = error instanceof GraphQLError ? { nodes: error.nodes, path: error.path } : {};
  const masked = new GraphQLError(message, { ...at, extensions: { code, ...extensions } });
  if (isInternal) {
    causes.set(masked, { cause: original });
  }
  return masked;
}

/** Where GraphQL's messages quote what they could not use and what stands around it: e-mail addresses, for one. */
const QUOTES: readonly (readonly [RegExp, string])[] = [
  [/^(Variable "\$\w+" got invalid value) .*( at "[^"]*";)/s, "$1$2"],
  [/^(Variable "\$\w+" got invalid value) (?!at ").*?;/s, "$1;"],
  // A short word, such as the "remove" of an unsupported operation, is worth naming.
  [/^(.*)\bValue "(?![a-z]\w{0,31}" does).*" does not exist in/is, "$1Value does not exist in"],
  [/[, ]+found: .*$/is, ""],
  [/ value: .*$/s, " value"],
  [/found String ".*"/s, "found String"],
  [/^Unexpected parameter "(?!\w{1,32}" in).*" in/s, "Unexpected parameter in"],
];

/** What GraphQL says about a request, with a code and without the request's values. */
function withoutValues(error: GraphQLError): GraphQLError {
  const { nodes, source, positions, extensions } = error;
  const message = QUOTES.reduce((text, [quote, rest]) => text.replace(quote, rest), error.message);
  // Yoga adds what the body's parser said, which quotes the body.
  const { originalError: _quotesTheBody, ...safe } = extensions;
  const code = safe.code ?? "BAD_USER_INPUT";
  const http = safe.http === undefined ? {} : { http: withItsMeaning(safe.http, String(code)) };
  return new GraphQLError(message, {
    nodes,
    source,
    positions,
    extensions: { ...safe, code, ...http },
  });
}

/** What is wrong with what GraphQL was asked, in a request that is one. */
const OF_THE_DOCUMENT = ["BAD_USER_INPUT", "GRAPHQL_PARSE_FAILED", "OPERATION_RESOLUTION_FAILURE"];

/**
 * Yoga's hint for the status, less where it misses GraphQL over HTTP: `application/json` says 200 to whatever GraphQL found wrong
 * (`spec` marks a status for the other media type only), and 400 to what is not even a request of GraphQL.
 */
function withItsMeaning(
  http: NonNullable<GraphQLErrorExtensions["http"]>,
  code: string,
): GraphQLErrorExtensions["http"] {
  if (http.status !== 400) {
    return http;
  }
  return { ...http, spec: OF_THE_DOCUMENT.includes(code) ? true : undefined };
}

interface Visible {
  readonly code: ErrorCode;
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly isInternal?: boolean;
}

function describe(error: unknown): Visible {
  if (error instanceof LedgerUnavailableError || isRedisTrouble(error)) {
    return unavailable("the update queue is not available at the moment");
  }
  if (error instanceof UnknownCursorError) {
    return {
      code: "BAD_USER_INPUT",
      message: "after must be a cursor of this list, and not too old",
    };
  }
  if (error instanceof SealedPayloadError) {
    const message = "this is sealed with a ledger key the gateway does not have";
    return { code: "SERVICE_UNAVAILABLE", message, isInternal: true }; // it names the key that is missing
  }
  if (error instanceof TokenUnavailableError) {
    return unavailable("signing in to Partner Center does not work at the moment");
  }
  if (error instanceof PartnerCenterError) {
    return describeUpstream(error);
  }
  if (error instanceof ThrottledForLongError) {
    const { retryAfterMs } = error;
    return {
      ...unavailable("Partner Center asked to be left alone for a while"),
      extensions: { retryAfterMs },
    };
  }
  if (error instanceof Error && (error.name === "AbortError" || error.name === "TimeoutError")) {
    return unavailable("Partner Center did not answer in time");
  }
  return { code: "INTERNAL_SERVER_ERROR", message: "Internal error", isInternal: true };
}

function describeUpstream(error: PartnerCenterError): Visible {
  const ids = { upstreamStatus: error.status, clientRequestId: error.clientRequestId };
  switch (error.kind) {
    case "forbidden":
      return {
        code: "FORBIDDEN",
        message: "Partner Center denies access to this referral",
        extensions: ids,
      };
    case "rejected":
      return {
        code: "UPSTREAM_REFUSED",
        message: "Partner Center refused the request",
        extensions: ids,
      };
    default:
      return {
        ...unavailable("Partner Center is not available at the moment"),
        extensions: { ...ids, retryAfterMs: error.retryAfterMs ?? RETRY_AFTER_MS },
      };
  }
}

function unavailable(message: string): Visible {
  return { code: "SERVICE_UNAVAILABLE", message, extensions: { retryAfterMs: RETRY_AFTER_MS } };
}
