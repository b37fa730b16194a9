const forbidden = new Set(["__proto__", "constructor", "prototype"]);

/** Whether a property name could reach JavaScript's prototypes; such names are refused everywhere. */
export const isForbidden = (segment: string): boolean => forbidden.has(segment);

/** Whether a segment can mean a place in an array: an index or `-`. */
export const isPositional = (segment: string): boolean => /^(?:-|0|[1-9]\d*)$/.test(segment);

/** Splits a JSON Pointer (RFC 6901) into unescaped segments; `undefined` when it is not one. */
export function parsePointer(pointer: unknown): string[] | undefined {
  if (pointer === "") return [];
  if (typeof pointer !== "string" || pointer[0] !== "/") return;
  const segments = pointer.slice(1).split("/");
  if (!pointer.includes("~")) return segments;
  if (/~(?![01])/.test(pointer)) return;
  return segments.map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** Escapes one segment for a JSON Pointer. */
export const escapeSegment = (segment: string): string =>
  /[~/]/.test(segment) ? segment.replaceAll("~", "~0").replaceAll("/", "~1") : segment;

/** Writes segments as a JSON Pointer. */
export const toPointer = (segments: readonly PropertyKey[]): string =>
  segments.map((segment) => `/${escapeSegment(String(segment))}`).join("");
