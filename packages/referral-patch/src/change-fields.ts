import { placesBelow, referralShape, type Shape } from "./schema/shape.ts";

/** One field of {@link ReferralChanges} that holds a value, for spreadsheets and forms. */
export type ChangeField = {
  /** Dotted path, e.g. `details.dealValue`. */
  path: string;
  /** How a value is written; a `list` takes a JSON array. */
  kind: Exclude<Shape["kind"], "record">;
};

/** Every field a caller can change, in the order operations are written; the team is not one of them. */
export const changeFields: readonly ChangeField[] = placesBelow(referralShape)
  .filter(({ fields, path }) => !fields && path !== "/team" && path !== "/target")
  .map(({ path, kind }) => ({
    path: path.slice(1).replaceAll("/", "."),
    kind: kind as ChangeField["kind"],
  }));
