import type { RowInput } from "@patchlane/update-queue";
import { SEND_AS_TEXT } from "../schema/exact-numbers.ts";
import type { InputIssue } from "../submit/parse-request.ts";
import type { ColumnPlan } from "./csv-header.ts";
import { hasInexactNumber } from "./inexact-number.ts";
import type { InputColumn } from "./input-columns.ts";
import type { RowRequest } from "./row-request.ts";

/** The cell that sends null. */
const NULL_CELL = "\\N";

type Group = Record<string, unknown>;
type Draft = { -readonly [Key in keyof RowRequest]: RowRequest[Key] };

/** Reads the cells of a row, of which there are as many as columns: an empty one says nothing. */
export function requestOf(
  cells: readonly string[],
  plan: ColumnPlan,
): { request: RowRequest; issues: readonly InputIssue[] | undefined } {
  const request: Draft = {};
  const changes: Group = {};
  let hasChanges = false;
  let issues: InputIssue[] | undefined;
  for (const [index, column] of plan.entries()) {
    const cell = cells[index];
    if (column === undefined || cell === undefined || cell === "") {
      continue;
    }
    switch (column.kind) {
      case "referralId":
      case "ifMatch":
        request[column.kind] = cell;
        break;
      case "externalReferenceId":
        request.externalReferenceId = cell;
        break;
      default: {
        const value = valueIn(cell, column);
        if (value instanceof CellProblem) {
          issues = [...(issues ?? []), value.issue];
        } else if (column.kind === "patch") {
          request.patch = value;
        } else {
          hasChanges = true;
          put(changes, column.path, value);
        }
      }
    }
  }
  if (request.referralId === undefined && request.externalReferenceId === NULL_CELL) {
    delete request.externalReferenceId;
  }
  // Beside a referral id the CRM's own id does not name the referral: it is the value to be written.
  if (request.referralId !== undefined && request.externalReferenceId !== undefined) {
    const id = request.externalReferenceId;
    changes.externalReferenceId = id === NULL_CELL ? null : id;
    hasChanges = true;
    delete request.externalReferenceId;
  }
  if (hasChanges || request.patch === undefined) {
    request.changes = changes;
  }
  return { request, issues };
}

/** The cells of a row by column, results and empty ones left out. */
export function inputOf(cells: readonly string[], plan: ColumnPlan): RowInput {
  const kept = plan.flatMap((column, index) => {
    const cell = cells[index] ?? "";
    return column === undefined || cell === "" ? [] : [[column.name, cell] as const];
  });
  return { cells: Object.fromEntries(kept) };
}

function put(changes: Group, path: readonly string[], value: unknown): void {
  let group = changes;
  for (let depth = 0; depth < path.length - 1; depth++) {
    const name = path[depth] as string;
    group[name] ??= {};
    group = group[name] as Group;
  }
  group[path.at(-1) as string] = value;
}

class CellProblem {
  readonly issue: InputIssue;

  constructor(column: InputColumn, message: string) {
    const pointer = column.kind === "patch" ? "/patch" : `/changes/${column.path.join("/")}`;
    this.issue = { code: "INVALID_VALUE", path: pointer, message };
  }
}

function valueIn(cell: string, column: InputColumn): unknown {
  switch (column.kind) {
    case "flag":
      return flagOf(cell, column);
    case "list":
    case "team":
    case "patch":
      return listOf(cell, column);
    default:
      // Text, amounts, dates and the rest are checked by the library, in the spelling they have.
      return cell === NULL_CELL ? null : cell;
  }
}

/** In any case: spreadsheets turn true into TRUE. */
function flagOf(cell: string, column: InputColumn): unknown {
  switch (cell.toLowerCase()) {
    case "true":
      return true;
    case "false":
      return false;
    case "\\n":
      return null;
    default:
      return new CellProblem(column, "Expected true or false");
  }
}

function listOf(cell: string, column: InputColumn): unknown {
  if (cell === NULL_CELL && column.kind === "list") {
    return null;
  }
  let value: unknown;
  try {
    value = JSON.parse(cell);
  } catch {
    value = undefined;
  }
  if (!Array.isArray(value)) {
    return new CellProblem(column, "Expected a list: a JSON array");
  }
  return hasInexactNumber(cell) ? new CellProblem(column, SEND_AS_TEXT) : value;
}
