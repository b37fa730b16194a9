import { type Issue, refused } from "./issue.ts";

declare const brand: unique symbol;

/** A referral's id, safe to put into a URL path. Made by {@link parseReferralId} only. */
export type ReferralId = string & { readonly [brand]: "ReferralId" };

/** An ETag exactly as the upstream gave it, quotes included; opaque. Made by {@link parseETag} only. */
export type ETag = string & { readonly [brand]: "ETag" };

/** Reads a referral id: 1 to 128 letters, digits, `-` and `_`, so that it cannot reach another path. */
export function parseReferralId(
  text: unknown,
): { ok: true; id: ReferralId } | { ok: false; issues: Issue[] } {
  if (typeof text !== "string" || text.length > 128 || !/^[A-Za-z0-9_-]+$/.test(text))
    return refused("Expected a referral id: 1 to 128 letters, digits, - and _");
  return { ok: true, id: text as ReferralId };
}

/** Reads an ETag (RFC 9110): quoted, printable, at most 256 characters, so that it is safe in a header. */
export function parseETag(
  text: unknown,
): { ok: true; etag: ETag } | { ok: false; issues: Issue[] } {
  if (typeof text !== "string" || text.length > 256 || !/^(?:W\/)?"[!#-~]*"$/.test(text))
    return refused('Expected an ETag with its quotes, such as "2500ec5a-0000"');
  return { ok: true, etag: text as ETag };
}
