import type { Referral } from "@patchlane/referral-patch";
import { FIELD_EDITS, pairsOf } from "./edits.ts";
import { DOCUMENTS, diffTask, type Task } from "./tasks.ts";

type Comparison = (before: Referral, after: Referral) => { readonly length: number };

/**
 * What comparing two documents that share nothing costs at the least: one line of code for each value of exactly this document, as one would
 * write it by hand, `before.details.notes !== after.details.notes`, and nothing else. It sees no property it was not written
 * for, none that is missing and no list that has grown, and finds a number of differences, but no operations.
 */
export function limitTasks(): Task[] {
  for (const edit of FIELD_EDITS) pairsOf(edit, 1);
  const compare = written(pairsOf({ name: "any", change: () => {} }, 1)[0]?.[0]);
  return FIELD_EDITS.map((edit) => diffTask(compare, edit.name, pairsOf(edit, DOCUMENTS)));
}

function written(referral: Referral | undefined): Comparison {
  const lines = placesOf(referral, "").map((at) => `if (before${at} !== after${at}) length++;`);
  return new Function(
    "before",
    "after",
    `let length = 0; ${lines.join(" ")} return { length };`,
  ) as Comparison;
}

/** Every value's place as JavaScript writes it: `["details"]["notes"]`. */
function placesOf(value: unknown, at: string): string[] {
  if (typeof value !== "object" || value === null) return [at];
  const isList = Array.isArray(value);
  return Object.entries(value).flatMap(([key, member]) =>
    placesOf(member, `${at}[${isList ? key : JSON.stringify(key)}]`),
  );
}
