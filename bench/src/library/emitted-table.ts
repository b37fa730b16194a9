import type { Goal, Table } from "../report/benchmark.ts";
import { CONTENDERS, contenderOf } from "./contender.ts";
import { EDITS, LIST_EDITS, pairsOf } from "./edits.ts";
import { type Emitted, lookAt } from "./what-is-emitted.ts";

interface Row {
  readonly edit: string;
  readonly library: string;
  readonly emitted: Emitted;
}

/** Of every edit and library. */
export async function lookAtAll(): Promise<Row[]> {
  const contenders = await Promise.all(CONTENDERS.map(contenderOf));
  return EDITS.flatMap((edit) =>
    pairsOf(edit, 2)
      .slice(1) // the second: in it, new values differ from all others
      .flatMap((pair) =>
        contenders.map((contender) => ({
          edit: edit.name,
          library: contender.name,
          emitted: lookAt(contender, pair),
        })),
      ),
  );
}

/** Those where the libraries differ: lists, and what is not the caller's to write. */
export function emittedTable(rows: readonly Row[]): Table {
  const shown = ["read again later: new ETag and date only", "money in another spelling"];
  const names = [...shown, ...LIST_EDITS.map(({ name }) => name)];
  return {
    title: "What they send",
    note: `Operations / refused / neighbours. Refused are operations that are neither \`add\` nor \`replace\`, or write what only the server writes; one
of them makes the upstream refuse the whole patch. Neighbours are list members that are the same before and after, and are written over,
removed or put in again: whoever changes one of them at the same time loses. What cannot be said with \`add\` and \`replace\`, referral-patch
names instead of sending it; all other patches give the target when applied.`,
    columns: [{ head: "what differs" }, ...CONTENDERS.map((head) => ({ head }))],
    rows: names.map((name) => [
      name,
      ...CONTENDERS.map((library) =>
        cellOf(rows.find((row) => row.edit === name && row.library === library)?.emitted),
      ),
    ]),
  };
}

function cellOf(emitted: Emitted | undefined): string | null {
  if (emitted === undefined) return null;
  const { operations, refused, neighbours, givesTarget, unsaid } = emitted;
  const counts = `${operations} / ${refused} / ${neighbours}`;
  return givesTarget ? counts : `${counts}; ${unsaid.join(", ") || "misses the target"}`;
}

export function neighbourGoal(rows: readonly Row[]): Goal {
  const ours = rows.filter(({ library }) => library === "referral-patch");
  const sum = (count: (emitted: Emitted) => number): number =>
    ours.reduce((total, { emitted }) => total + count(emitted), 0);
  const [touched, refused] = [sum(({ neighbours }) => neighbours), sum((all) => all.refused)];
  const silent = ours.filter(({ emitted }) => !emitted.givesTarget && emitted.unsaid.length === 0);
  return {
    text: "never a neighbour touched, an operation the upstream refuses, or a difference passed over in silence",
    measured: `${touched} touched, ${refused} refused, ${silent.length} in silence, in ${ours.length} cases`,
    isMet: touched === 0 && refused === 0 && silent.length === 0,
  };
}
