import { referralShape, type Shape } from "./schema/shape.ts";

/** One field of {@link ReferralChanges} that holds a value, for spreadsheets and forms. */
export type ChangeField = {
  /** Dotted path, e.g. `details.dealValue`. */
  path: string;
  /** How a value is written; a `list` takes a JSON array. */
  kind: Exclude<Shape["kind"], "record">;
};

function leaves(shape: Shape, path: string): ChangeField[] {
  if (!shape.fields) return [{ path, kind: shape.kind as ChangeField["kind"] }];
  return [...shape.fields].flatMap(([key, field]) => leaves(field, path ? `${path}.${key}` : key));
}

/** Every field a caller can change, in the order operations are written; the team is not one of them. */
export const changeFields: readonly ChangeField[] = leaves(referralShape, "").filter(
  ({ path }) => path !== "team" && path !== "target",
);
