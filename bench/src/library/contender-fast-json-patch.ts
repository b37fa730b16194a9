import fjp, { type Operation } from "fast-json-patch";
import type { Contender } from "./contender.ts";
import { edited } from "./edited.ts";

const { applyPatch, compare, validate } = fjp;

/** `applyPatch` without its validation, which is its default and its fastest. */
export const fastJsonPatch: Contender = {
  name: "fast-json-patch",
  diff: (before, after) => compare(before, after),
  apply: (referral, patch) => applyPatch(referral, patch as Operation[], false, false).newDocument,
  applyInPlace: (referral, patch) => applyPatch(referral, patch as Operation[]).newDocument,
  isValid: (patch) => validate(patch as Operation[]) === undefined,
  isValidFor: (patch, current) => validate(patch as Operation[], current) === undefined,
  build: (changes, current) => compare(current, edited(current, changes)),
  merge(a, b, current) {
    const after = applyPatch(current, a as Operation[], false, false).newDocument;
    return compare(current, applyPatch(after, b as Operation[]).newDocument);
  },
};
