/** Most operations in one patch. Ours, not the vendor's: keeps one refused operation findable. */
export const MAX_OPERATIONS = 100;
/** Largest input and largest patch, in UTF-8 bytes of its JSON text (64 KiB). */
export const MAX_BODY_BYTES = 65_536;
/** Most levels below the referral a value may be written at; the resource itself needs 5. */
export const MAX_DEPTH = 8;
/** Most levels of a document that is read; the vendor may nest new properties deeper than we write. */
export const MAX_DOCUMENT_DEPTH = 64;
/** Largest document that is read, in UTF-8 bytes of its JSON text (16 MiB). */
export const MAX_DOCUMENT_BYTES = 16_777_216;

/** Digits a JS number surely kept; beyond them the text may already have been rounded. */
export const SAFE_DIGITS = 15;
/** Longest expansion of an exponent; far beyond any money, small enough to print. */
export const MAX_EXPONENT = 400;
/** Objects compared before giving up: far beyond any document, small enough for a circle of references. */
export const MAX_COMPARED = 1_000_000;
/** Characters of the deepest path followed; keeps circular documents from exhausting the stack. */
export const MAX_PATH = 2_000;
/**
 * Objects compared before giving up: far beyond any referral, small enough for circular input. Equal objects beside one that
 * differs count once for each level above it.
 */
export const MAX_DIFFERED = 200_000;
/** Levels the operation and its position add around a value. */
export const OPERATION_DEPTH = 2;

/** Limits a caller may tighten or widen. */
export type PatchLimits = {
  /** Default {@link MAX_OPERATIONS}. */
  maxOperations?: number;
  /** Default {@link MAX_BODY_BYTES}. */
  maxBodyBytes?: number;
  /** Default {@link MAX_DEPTH}. */
  maxDepth?: number;
};
