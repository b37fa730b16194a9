import type { Referral, ReferralChanges } from "@patchlane/referral-patch";

/** A JSON Patch operation as any library writes it. */
export interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

/** A library as a service would call it. What it cannot do at all is missing. */
export interface Contender {
  readonly name: string;
  /** The operations that turn one referral into the other, as far as it can say them. */
  diff(before: Referral, after: Referral): readonly Operation[];
  /** The changed document; the one given stays as it was. */
  apply(referral: Referral, patch: readonly Operation[]): unknown;
  /** The same on the document given. */
  applyInPlace?(referral: Referral, patch: readonly Operation[]): unknown;
  isValid?(patch: readonly Operation[]): boolean;
  isValidFor?(patch: readonly Operation[], current: Referral): boolean;
  /** The operations that make changes true of a referral. */
  build(changes: ReferralChanges, current: Referral): readonly Operation[];
  /** The same where the changes have been checked before; missing where they never are. */
  buildChecked?(changes: ReferralChanges, current: Referral): readonly Operation[];
  /** One patch that does what two in a row do. */
  merge(a: readonly Operation[], b: readonly Operation[], current: Referral): readonly Operation[];
}

export const CONTENDERS = ["referral-patch", "fast-json-patch", "rfc6902", "just-diff"] as const;
/** File and name of a contender. */
export type ContenderName = (typeof CONTENDERS)[number];

/** Loads one library and no other. */
export async function contenderOf(name: string): Promise<Contender> {
  switch (name) {
    case "referral-patch":
      return (await import("./contender-referral-patch.ts")).referralPatch;
    case "fast-json-patch":
      return (await import("./contender-fast-json-patch.ts")).fastJsonPatch;
    case "rfc6902":
      return (await import("./contender-rfc6902.ts")).rfc6902;
    case "just-diff":
      return (await import("./contender-just-diff.ts")).justDiff;
    default:
      throw new Error(`no library is called ${name}`);
  }
}
