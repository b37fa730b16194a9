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

/** Limits a caller may tighten or widen. */
export type PatchLimits = {
  /** Default {@link MAX_OPERATIONS}. */
  maxOperations?: number;
  /** Default {@link MAX_BODY_BYTES}. */
  maxBodyBytes?: number;
  /** Default {@link MAX_DEPTH}. */
  maxDepth?: number;
};
