import { callerError } from "../errors.ts";

/** The two properties the vendor documents for `$orderby`. */
const PROPERTIES = ["createdDateTime", "updatedDateTime"] as const;
const LONGEST = 100;

export interface ListOrder {
  readonly property: (typeof PROPERTIES)[number];
  readonly isDescending: boolean;
}

/** New referrals come last: what a caller has read stays where it is. */
export const DEFAULT_ORDER: ListOrder = { property: "createdDateTime", isDescending: false };

/** Reads `createdDateTime` or `updatedDateTime`, with `asc` (default) or `desc`. Throws BAD_USER_INPUT. */
export function parseOrder(text: string): ListOrder {
  const [name, direction = "asc", ...rest] = text.slice(0, LONGEST).trim().split(/\s+/);
  const property = PROPERTIES.find((known) => known === name);
  const isReadable = text.length < LONGEST && rest.length === 0;
  if (property === undefined || !isReadable || (direction !== "asc" && direction !== "desc")) {
    throw callerError(
      "BAD_USER_INPUT",
      `orderBy must be ${PROPERTIES.join(" or ")}, with asc or desc`,
    );
  }
  return { property, isDescending: direction === "desc" };
}

/** As `$orderby` has it. */
export function printOrder({ property, isDescending }: ListOrder): string {
  return `${property} ${isDescending ? "desc" : "asc"}`;
}
