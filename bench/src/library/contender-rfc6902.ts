import type { Referral } from "@patchlane/referral-patch";
import { applyPatch, createPatch, type Operation } from "rfc6902";
import type { Operation as AnyOperation, Contender } from "./contender.ts";
import { edited } from "./edited.ts";

function applyTo(referral: Referral, patch: readonly AnyOperation[]): Referral {
  const failed = applyPatch(referral, patch as Operation[]).find((error) => error !== null);
  if (failed) throw failed;
  return referral;
}

/** It applies in place only, so that keeping the document takes a clone: through text, the fastest there is. */
const clone = (referral: Referral): Referral => JSON.parse(JSON.stringify(referral));

export const rfc6902: Contender = {
  name: "rfc6902",
  diff: (before, after) => createPatch(before, after) as AnyOperation[],
  apply: (referral, patch) => applyTo(clone(referral), patch),
  applyInPlace: applyTo,
  build: (changes, current) => createPatch(current, edited(current, changes)) as AnyOperation[],
  merge: (a, b, current) =>
    createPatch(current, applyTo(applyTo(clone(current), a), b)) as AnyOperation[],
};
