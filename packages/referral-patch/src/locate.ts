import { type Issue, type IssueCode, issue } from "./issue.ts";
import { isForbidden, isPositional, parsePointer } from "./json-pointer.ts";
import { isReadOnly, placesBelow, referralShape, type Shape } from "./schema/shape.ts";

/** Where a patch path leads in the vendor's resource table. */
export type Place = {
  segments: readonly string[];
  /** What is known about the place; `undefined` for an undocumented one below a writable object. */
  shape?: Shape;
};

/** The table's places by path, those in lists aside: what nearly every operation names. */
const places: ReadonlyMap<unknown, Place> = new Map(
  placesBelow(referralShape).map((shape) => [
    shape.path,
    { segments: shape.path.slice(1).split("/"), shape },
  ]),
);

/** Like {@link parsePointer}, without the work for a path the table has. */
export const segmentsOf = (path: unknown): readonly string[] | undefined =>
  places.get(path)?.segments ?? parsePointer(path);

/** Finds the writable place a path names, or says why there is none; `at` is where the path stands. */
export function locate(path: unknown, op: string, at: string): Place | Issue {
  const place = places.get(path);
  if (place) return place;
  const refuse = (code: IssueCode, message: string) => issue(code, at, message);
  const segments = parsePointer(path);
  if (!segments) return refuse("INVALID_PATH", "Not a JSON Pointer (RFC 6901)");
  if (segments.some(isForbidden))
    return refuse("FORBIDDEN_SEGMENT", "This property name is never accepted");
  const [top] = segments;
  if (top === undefined)
    return refuse("READ_ONLY_PATH", "A referral cannot be replaced as a whole");
  if (isReadOnly(top)) return refuse("READ_ONLY_PATH", `/${top} is the vendor's own`);
  if (!referralShape.fields.has(top))
    return refuse("UNKNOWN_PATH", "Not a property of a referral that can be changed");

  let shape: Shape | undefined = referralShape;
  for (const [index, segment] of segments.entries()) {
    if (shape.kind === "list") {
      const isAppend = segment === "-" && op === "add" && index === segments.length - 1;
      const isIndex = segment !== "-" && isPositional(segment) && segment.length < 7;
      if (!isAppend && !isIndex)
        return refuse("INVALID_PATH", "A list takes an index, or - at the end of an add");
      shape = shape.item as Shape;
    } else if (shape.fields) {
      if (segment === "-") return refuse("INVALID_PATH", "- stands for the end of a list only");
      shape = shape.fields.get(segment);
      if (!shape) return { segments };
    } else return refuse("INVALID_PATH", "There is nothing below a plain value");
  }
  return { segments, shape };
}
