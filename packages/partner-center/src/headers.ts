import type { IncomingHttpHeaders } from "node:http";
import type { ETag } from "@patchlane/referral-patch";

/** What the headers of one call are made of. */
export interface HeaderFacts {
  token: string;
  /** New for every call. */
  clientRequestId: string;
  /** Stable over the retries of one write. */
  requestId: string;
  ifMatch?: string;
  hasBody: boolean;
}

/** The headers of one call, in the vendor's spelling. Source: "Partner REST API headers". */
export function requestHeaders(facts: HeaderFacts): Record<string, string> {
  return {
    Authorization: `Bearer ${facts.token}`,
    Accept: "application/json",
    "client-request-id": facts.clientRequestId,
    "request-id": facts.requestId,
    ...(facts.hasBody && {
      "Content-Type": "application/json",
      // Saves the read that a 204 would cost, and tells the new ETag.
      Prefer: "return=representation",
    }),
    ...(facts.ifMatch !== undefined && { "If-Match": facts.ifMatch }),
  };
}

/** Whether a value may stand in a header as it is: visible ASCII and inner spaces, so no CR or LF can split it. */
export function isHeaderSafe(value: string): boolean {
  return value.length <= 16_384 && /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value);
}

/** A single header's value. */
export function headerText(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) || undefined;
}

/** The resource's ETag, opaque and with its quotes: from the header, else from the body's `eTag`. */
export function etagOf(headers: IncomingHttpHeaders, body: unknown): ETag | undefined {
  const inBody = typeof body === "object" && body !== null ? Reflect.get(body, "eTag") : undefined;
  const text = headerText(headers, "etag") ?? inBody;
  // An ETag that cannot be sent back as If-Match is no use to anybody.
  return typeof text === "string" && isHeaderSafe(text) ? (text as ETag) : undefined;
}
