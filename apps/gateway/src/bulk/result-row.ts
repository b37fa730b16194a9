import type { PatchOperation } from "@patchlane/referral-patch";
import type { ReferralUpdate } from "@patchlane/update-queue";
import { resultColumns, resultMembers } from "./result-members.ts";
import { cellsOfRow } from "./row-cells.ts";
import { isTooDeep } from "./too-deep.ts";

/** A row as a record of results.csv: what became of it, then the cells that were handed in, in the order of `inputColumns`. */
export function csvRecord(row: ReferralUpdate, inputColumns: readonly string[]): string[] {
  const { error, input } = row;
  const results: Record<(typeof resultColumns)[number], string | number | undefined> = {
    rowNumber: row.rowNumber,
    updateId: row.id,
    state: row.state,
    failureCode: error?.code,
    failureMessage: error?.message,
    failurePath: error?.path,
    sentPatch: JSON.stringify(sentPatch(row)),
    requestId: row.requestId,
    clientRequestId: row.clientRequestId,
    etag: row.etag,
    resolvedReferralId: resolvedReferralId(row),
    inputLine: input !== undefined && "line" in input ? input.line : undefined,
  };
  const cells = givenCells(row);
  return [
    ...resultColumns.map((column) => String(results[column] ?? "")),
    ...inputColumns.map((column) => cells[column] ?? ""),
  ];
}

/** A row as a line of results.ndjson: the members that were handed in, and what became of it. */
export function jsonRecord(row: ReferralUpdate): Record<string, unknown> {
  const { given, input } = givenMembers(row);
  const results: Record<(typeof resultMembers)[number], unknown> = {
    rowNumber: row.rowNumber,
    updateId: row.id,
    state: row.state,
    resolvedReferralId: resolvedReferralId(row),
    error: row.error,
    sentPatch: sentPatch(row),
    requestId: row.requestId,
    clientRequestId: row.clientRequestId,
    etag: row.etag,
    attempts: row.attempts,
    input,
  };
  return {
    ...Object.fromEntries(resultMembers.map((member) => [member, results[member] ?? null])),
    ...given,
  };
}

/** Its own columns, without those that results add. */
export function inputColumnsOf(columns: readonly string[]): string[] {
  const added = new Set<string>(resultColumns);
  return columns.filter((column) => !added.has(column));
}

/** Undefined when nothing was sent; of a dry run, what would be. */
function sentPatch({
  state,
  attempts,
  patch,
}: ReferralUpdate): readonly PatchOperation[] | undefined {
  return attempts > 0 || state === "APPLIED" ? patch : undefined;
}

/** Empty until the external id it names its referral by is resolved. */
function resolvedReferralId({ referralId, input }: ReferralUpdate): string | undefined {
  return referralId === "" || input !== undefined ? undefined : referralId;
}

function givenCells(row: ReferralUpdate): Readonly<Record<string, string>> {
  const { input } = row;
  if (input === undefined) {
    return cellsOfRow(row);
  }
  return "cells" in input ? input.cells : (idMembers(row) as Record<string, string>);
}

function givenMembers(row: ReferralUpdate): { given: object; input?: ReferralUpdate["input"] } {
  const { intent, ifMatch, input } = row;
  if (input === undefined) {
    return {
      given: { ...idMembers(row), ...intent, ...(ifMatch === undefined ? {} : { ifMatch }) },
    };
  }
  const members = "line" in input ? membersOf(input.line) : undefined;
  return members === undefined ? { given: idMembers(row), input } : { given: members };
}

/** What names its referral; a row by external id keeps to that when it was resolved. */
function idMembers({ referralId, externalReferenceId }: ReferralUpdate): {
  readonly referralId?: string;
  readonly externalReferenceId?: string;
} {
  if (externalReferenceId !== undefined) {
    return { externalReferenceId };
  }
  return referralId === "" ? {} : { referralId };
}

/** The members of a line that is a JSON object; those that results add are not its own. */
function membersOf(line: string): object | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null || Array.isArray(value) || isTooDeep(value)) {
      return undefined;
    }
    const added = new Set<string>(resultMembers);
    return Object.fromEntries(Object.entries(value).filter(([name]) => !added.has(name)));
  } catch {
    return undefined;
  }
}
