import { type ActiveBulkUpdate, laneName, type ReferralUpdate } from "@patchlane/update-queue";
import { needsState } from "../decide.ts";
import type { BulkEdges } from "./bulk-edges.ts";
import type { BulkRun } from "./bulk-run.ts";
import { breathe } from "./turn.ts";

/** Rows read in one go. */
export const ROWS_A_CHUNK = 500;

/** Which referrals the pending rows of a bulk update are about. */
export interface Census {
  /** Lanes whose state a decision hangs on; of a dry run: all of them. */
  readonly needs: Set<string>;
  /** External ids that name referrals, and whether a row of theirs needs the state. */
  readonly externalIds: Map<string, boolean>;
}

/** Looks at every row that is still QUEUED, once. Takes about 100 bytes of memory for a referral. */
export async function takeCensus(
  edges: BulkEdges,
  run: BulkRun,
  { counts, isDryRun }: ActiveBulkUpdate,
): Promise<Census> {
  const census: Census = { needs: new Set(), externalIds: new Map() };
  for await (const rows of queuedRows(edges, run, 1, counts.total)) {
    for (const row of rows) {
      const isNeeded = isDryRun || needsState(row);
      if (row.referralId !== "") {
        if (isNeeded) {
          census.needs.add(laneName(row.referralId));
        }
      } else if (row.externalReferenceId !== undefined) {
        const { externalReferenceId } = row;
        const before = census.externalIds.get(externalReferenceId) ?? false;
        census.externalIds.set(externalReferenceId, before || isNeeded);
      }
    }
  }
  return census;
}

/** How many of them nothing is known of, as far as the list told it: seen by no pass of the chain, nor since. */
export async function countUnknown(
  { known, survey }: Pick<BulkEdges, "known" | "survey">,
  lanes: ReadonlySet<string>,
): Promise<number> {
  const chain = (await survey.knowledge())?.chain ?? "";
  const marks = await known.getMarks([...lanes]);
  return [...lanes].filter((lane) => !marks.has(lane) || (marks.get(lane)?.chain ?? chain) < chain)
    .length;
}

/** Rows of `from..to` that are QUEUED, in order and in chunks; none that cannot be opened here. */
export async function* queuedRows(
  { work }: Pick<BulkEdges, "work">,
  run: Pick<BulkRun, "id" | "step">,
  from: number,
  to: number,
): AsyncGenerator<ReferralUpdate[]> {
  for (let first = from; first <= to; first += ROWS_A_CHUNK) {
    await run.step();
    const letters = await work.letters(run.id, first, Math.min(first + ROWS_A_CHUNK - 1, to));
    const numbers = [...letters].flatMap((letter, index) => (letter === "Q" ? first + index : []));
    const rows = numbers.length === 0 ? [] : await work.load(run.id, numbers);
    yield rows.filter(({ state, unreadable }) => state === "QUEUED" && unreadable === undefined);
    await breathe();
  }
}
