import {
  isVouchedFor,
  laneName,
  type MarkedState,
  type PassEvidence,
  type ReferralUpdate,
  type RowVerdict,
} from "@patchlane/update-queue";
import { decide, needsState } from "../decide.ts";
import type { BulkEdges } from "./bulk-edges.ts";
import type { BulkRun, ReadSingly } from "./bulk-run.ts";
import { queuedRows, ROWS_A_CHUNK } from "./census.ts";
import { RunEndedError } from "./turn.ts";

/** Rows that end in one step. */
export const VERDICTS_A_STEP = 200;

/** What decisions may be made on. */
export interface Evidence {
  readonly evidence: PassEvidence | undefined;
  readonly readSingly: ReadSingly;
}

/** Whether a known state is certainly as it was at some moment after the bulk update was committed. */
export function isCertain(
  lane: string,
  state: MarkedState,
  { evidence, readSingly }: Evidence,
): boolean {
  const isAsRead = state.etag !== undefined && readSingly.get(lane) === state.etag;
  return isAsRead || isVouchedFor(state.mark, evidence);
}

/**
 * Ends the rows whose fate is certain without a call: those whose referral is as they say, and those that could not be sent to
 * it as it is. The others are left for their lanes, and so is whatever stands behind one of them.
 */
export async function weigh(
  edges: BulkEdges,
  run: BulkRun,
  { doneTo, ...sure }: Evidence & { readonly doneTo: number },
): Promise<void> {
  const { work, known, survey } = edges;
  let done = doneTo;
  const { total } = run.bulk().counts;
  for await (const rows of queuedRows(edges, run, doneTo + 1, total)) {
    if (sure.evidence !== undefined && (await survey.evidence(run.id)) === undefined) {
      // It was paused for long, or is being retried: its next run looks again, for the price of a page.
      throw new RunEndedError("what was seen of the list is too old");
    }
    const decidable = rows.filter((row) => row.referralId !== "" && needsState(row));
    const lanes = [...new Set(decidable.map(({ referralId }) => laneName(referralId)))];
    const states = await known.getMany(lanes);
    const certain = new Map([...states].filter(([lane, state]) => isCertain(lane, state, sure)));
    const verdicts = verdictsOn(rows, certain);
    for (let at = 0; at < verdicts.length; at += VERDICTS_A_STEP) {
      await work.settle(run.id, verdicts.slice(at, at + VERDICTS_A_STEP));
    }
    await known.keep([...certain.keys()]);
    done = Math.min(done + ROWS_A_CHUNK, total);
    await work.checkpoint(run.id, "weigh", done);
  }
}

/** Rows of one referral are decided in their order, up to the first that is to be written. */
export function verdictsOn(
  rows: readonly ReferralUpdate[],
  certain: ReadonlyMap<string, MarkedState>,
): RowVerdict[] {
  const left = new Set<string>();
  return rows.flatMap((row): RowVerdict[] => {
    const lane = laneName(row.referralId);
    const verdict = left.has(lane) ? undefined : verdictOn(row, certain.get(lane));
    if (verdict === undefined) {
      left.add(lane);
      return [];
    }
    return [verdict];
  });
}

function verdictOn(row: ReferralUpdate, state: MarkedState | undefined): RowVerdict | undefined {
  const { rowNumber, referralId } = row;
  // What may have been written before is its lane's business.
  const mayBeWritten = row.isInDoubt || row.resendAs !== undefined;
  if (rowNumber === undefined || state === undefined || mayBeWritten || !needsState(row)) {
    return undefined;
  }
  if (isOnlySpeltDifferently(row.ifMatch, state.etag)) {
    return undefined;
  }
  const decision = decide(row, state);
  const etagBefore = state.etag === undefined ? {} : { etagBefore: state.etag };
  switch (decision.kind) {
    case "unchanged":
      return { rowNumber, referralId, state: "UNCHANGED", ...etagBefore };
    case "fail":
      return { rowNumber, referralId, state: "FAILED", error: decision.error, ...etagBefore };
    default:
      return undefined;
  }
}

/** A list may call a version weak that a single read calls strong: the upstream itself shall say whether they differ. */
function isOnlySpeltDifferently(pinned: string | undefined, etag: string | undefined): boolean {
  const bare = (text: string | undefined) => text?.replace(/^W\//, "");
  return pinned !== undefined && pinned !== etag && bare(pinned) === bare(etag);
}
