/** What a check can find; each is a promise that does not hold. */
export const FINDING_KINDS = [
  /** Accepted and not final, or said to be applied without a trace upstream. */
  "lost",
  /** A person twice in a team, or added by two writes. */
  "doubled",
  /** Effects not in the order of acceptance, or not the last one's value in the end. */
  "outOfOrder",
  /** FAILED, though nothing was wrong with it; or the poisonous one APPLIED. */
  "wrongFate",
  /** FAILED, but its value was written. */
  "traces",
  /** `mergedWith` does not say what travelled together. */
  "misfolded",
  /** `attempts` cannot be true. */
  "miscounted",
] as const;

export type FindingKind = (typeof FINDING_KINDS)[number];

export interface Finding {
  readonly kind: FindingKind;
  /** For whoever has to find out why. */
  readonly what: string;
}
