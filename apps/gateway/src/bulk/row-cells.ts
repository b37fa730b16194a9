import {
  buildPatch,
  changeFields,
  decimalToString,
  type PatchOperation,
  type ReferralChanges,
} from "@patchlane/referral-patch";
import type { ReferralUpdate } from "@patchlane/update-queue";

/** What of a row was handed in. */
export type RowAsGiven = Pick<
  ReferralUpdate,
  "referralId" | "externalReferenceId" | "intent" | "ifMatch"
>;

/** The cell that sends null. */
const NULL_CELL = "\\N";

const fieldsByPath = new Map(changeFields.map((field) => [field.path, field]));

/**
 * A row as the cells of a CSV input that says the same, by column: key columns, `ifMatch`, dotted field paths, `team.add` and
 * `team.update` (JSON arrays); an empty cell is left out. What cells cannot say (an empty text, null for a whole group) is
 * said as `patch` (a JSON array) instead.
 */
export function cellsOfRow(row: RowAsGiven): Record<string, string> {
  const cells: Record<string, string> = {};
  const { referralId, externalReferenceId, intent, ifMatch } = row;
  if (externalReferenceId !== undefined) {
    cells.externalReferenceId = externalReferenceId;
  } else if (referralId !== "") {
    cells.referralId = referralId;
  }
  if (ifMatch !== undefined) {
    cells.ifMatch = ifMatch;
  }
  if (intent.patch !== undefined) {
    return { ...cells, patch: JSON.stringify(intent.patch) };
  }
  const wanted = cellsOfChanges(intent.changes);
  const isTaken = externalReferenceId !== undefined && wanted?.externalReferenceId !== undefined;
  return wanted !== undefined && !isTaken
    ? { ...cells, ...wanted }
    : { ...cells, ...asPatchCells(intent.changes) };
}

/** Undefined when cells cannot say it. */
function cellsOfChanges(changes: ReferralChanges): Record<string, string> | undefined {
  const { team, ...fields } = changes;
  const cells: Record<string, string> = {};
  return addCells(fields, "", cells) ? { ...cells, ...teamCells(team) } : undefined;
}

/** Answers false when a value cannot be said by a cell. */
function addCells(record: object, prefix: string, cells: Record<string, string>): boolean {
  for (const [name, value] of Object.entries(record)) {
    const path = prefix + name;
    const field = fieldsByPath.get(path);
    if (value === undefined) {
      continue;
    }
    if (field === undefined) {
      if (value === null || !addCells(value, `${path}.`, cells)) {
        return false;
      }
      continue;
    }
    const cell = value === null ? NULL_CELL : asCell(value, field.kind);
    if (cell === "" || (cell === NULL_CELL && value !== null)) {
      return false;
    }
    cells[path] = cell;
  }
  return true;
}

function asCell(value: unknown, kind: (typeof changeFields)[number]["kind"]): string {
  switch (kind) {
    case "list":
      return JSON.stringify(value);
    case "decimal":
      return decimalToString(value as string | number) ?? String(value);
    default:
      return String(value);
  }
}

function teamCells(team: ReferralChanges["team"]): Record<string, string> {
  return {
    ...(team?.add === undefined ? {} : { "team.add": JSON.stringify(team.add) }),
    ...(team?.update === undefined ? {} : { "team.update": JSON.stringify(team.update) }),
  };
}

/** Changes as raw operations; updates of members need a state to be said so and stay a cell of their own. */
function asPatchCells({ team, ...fields }: ReferralChanges): Record<string, string> {
  const add = team?.add;
  const built = buildPatch(add === undefined ? fields : { ...fields, team: { add } });
  const patch: readonly PatchOperation[] = built.ok ? built.patch : [];
  return {
    patch: JSON.stringify(patch),
    ...(team?.update === undefined ? {} : { "team.update": JSON.stringify(team.update) }),
  };
}
