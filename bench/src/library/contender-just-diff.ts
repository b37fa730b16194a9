import type { Referral } from "@patchlane/referral-patch";
import { diff, jsonPatchPathConverter } from "just-diff";
import { diffApply, jsonPatchPathConverter as toKeys } from "just-diff-apply";
import type { Contender, Operation } from "./contender.ts";
import { edited } from "./edited.ts";

// With the converters both packages bring for JSON Patch: without them, paths are arrays of keys.
const compare = (before: Referral, after: Referral): Operation[] =>
  diff(before, after, jsonPatchPathConverter);

function applyTo(referral: Referral, patch: readonly Operation[]): Referral {
  // Its types know only paths that are arrays, which is what its converter makes of these.
  diffApply(referral, patch as unknown as Parameters<typeof diffApply>[1], toKeys);
  return referral;
}

/** It applies in place only, so that keeping the document takes a clone: through text, the fastest there is. */
const clone = (referral: Referral): Referral => JSON.parse(JSON.stringify(referral));

export const justDiff: Contender = {
  name: "just-diff",
  diff: compare,
  apply: (referral, patch) => applyTo(clone(referral), patch),
  applyInPlace: applyTo,
  build: (changes, current) => compare(current, edited(current, changes)),
  merge: (a, b, current) => compare(current, applyTo(applyTo(clone(current), a), b)),
};
