import { changeFields } from "@patchlane/referral-patch";
import { resultColumns } from "./result-members.ts";

/*
 * The columns a CSV input can have. Fields and how their values are written come from the library's own table.
 */

/** What the cells of a column hold. */
export type ColumnKind =
  | "referralId"
  | "externalReferenceId"
  | "ifMatch"
  | "patch"
  | "team"
  | (typeof changeFields)[number]["kind"];

export interface InputColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  /** Where its value goes in the changes; empty when it does not go there. */
  readonly path: readonly string[];
}

/** Every input column by its name. */
export const inputColumns: ReadonlyMap<string, InputColumn> = new Map(
  (
    [
      { name: "referralId", kind: "referralId", path: [] },
      { name: "ifMatch", kind: "ifMatch", path: [] },
      { name: "patch", kind: "patch", path: [] },
      ...changeFields.map(({ path, kind }) => ({ name: path, kind, path: path.split(".") })),
      // After the fields: it is one of them too, and more than that.
      { name: "externalReferenceId", kind: "externalReferenceId", path: ["externalReferenceId"] },
      { name: "team.add", kind: "team", path: ["team", "add"] },
      { name: "team.update", kind: "team", path: ["team", "update"] },
    ] satisfies InputColumn[]
  ).map((column) => [column.name, column]),
);

/** Columns that results add to the input: recognised, so that results can be handed in again, and ignored. */
export const ignoredColumns: ReadonlySet<string> = new Set(resultColumns);
