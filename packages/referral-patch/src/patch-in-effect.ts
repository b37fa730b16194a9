import { isSameValue } from "./build-patch.ts";
import { isPositional } from "./json-pointer.ts";
import { isRecord, ownValue } from "./json-value.ts";
import { locate, segmentsOf } from "./locate.ts";
import { compactPatch, isInsert } from "./merge-patches.ts";
import type { ReferralPatch } from "./patch.ts";
import type { Referral } from "./schema/referral.ts";
import type { Shape } from "./schema/shape.ts";

/**
 * Whether the effect of every operation is visible in a document, for when an upstream's answer was
 * lost. Tolerates what a server may do to a value it stored: other spelling of money and dates, added
 * properties, `null` left out. An added list element counts when one like it is there; people are found by
 * e-mail, case-insensitive.
 */
export function isPatchInEffect(patch: ReferralPatch, referral: Referral): boolean {
  const steps = compactPatch(patch);
  if (!steps) return false;
  return steps.every(({ op, path, value }, index) => {
    // What a later operation wrote over cannot be seen, and need not be.
    const isOverwritten = steps
      .slice(index + 1)
      .some((later) => !isInsert(later) && `${path}/`.startsWith(`${later.path}/`));
    if (isOverwritten) return true;
    const place = locate(path, op, "");
    const shape = "code" in place ? undefined : place.shape;
    const segments = segmentsOf(path) ?? [];
    const list = valueAt(referral, segments.slice(0, -1));
    if (isInsert({ op, path }) && Array.isArray(list))
      return list.some((element) => isStored(shape, value, element));
    return isStored(shape, value, valueAt(referral, segments));
  });
}

const valueAt = (document: unknown, segments: readonly string[]): unknown =>
  segments.reduce<unknown>(
    (holder, segment) =>
      Array.isArray(holder) && isPositional(segment)
        ? holder[Number(segment)]
        : ownValue(holder, segment),
    document,
  );

/** Whether `found` holds everything that was written. */
function isStored(shape: Shape | undefined, written: unknown, found: unknown, name = ""): boolean {
  if (written === null) return found === null || found === undefined;
  if (Array.isArray(written))
    return (
      Array.isArray(found) &&
      written.length === found.length &&
      written.every((element, index) => isStored(shape?.item, element, found[index]))
    );
  if (isRecord(written))
    return (
      isRecord(found) &&
      Object.keys(written).every((key) =>
        isStored(shape?.fields?.get(key), written[key], ownValue(found, key), key),
      )
    );
  if (typeof written === "string" && typeof found === "string") {
    if (name === "email") return written.toLowerCase() === found.toLowerCase();
    if (shape?.kind === "dateTime")
      return written === found || Date.parse(written) === Date.parse(found);
  }
  return isSameValue(shape, written, found);
}
