import type { ActiveBulkUpdate, PassEvidence } from "@patchlane/update-queue";
import type { BulkEdges } from "./bulk-edges.ts";
import { type Census, countUnknown, takeCensus } from "./census.ts";
import { type FeedShares, feed } from "./feed.ts";
import type { Passes } from "./passes.ts";
import { planDryRun } from "./plan-dry-run.ts";
import { readSinglyFor } from "./read-singly.ts";
import { Resolver } from "./resolve-external-ids.ts";
import { pauseFor, RunEndedError, type Turn } from "./turn.ts";
import { weigh } from "./weigh.ts";

/** Rows that are given their places, taken back or queued again in one step. */
const ROWS_A_STEP = 500;
/** ms between looks at a bulk update whose rows cannot be enlisted right now. */
const LOOK_AGAIN_MS = 1_000;

/** One bulk update in the hands of the leader. */
export interface BulkRun {
  readonly id: string;
  /** As it was at the last look. */
  readonly bulk: () => ActiveBulkUpdate;
  /** Before a step with upstream calls or wake-ups: waits while it is paused or the upstream in trouble. */
  readonly turn: Turn;
  /** Before a step within Redis: waits while it is paused. */
  readonly step: () => Promise<void>;
  /** Aborted when it is over, cancelled, or not ours any more. */
  readonly stopping: AbortSignal;
  readonly isGoing: () => boolean;
  readonly passes: Passes;
  readonly shares: FeedShares;
}

/** What was read singly for a bulk update: lane -> the ETag it had. As good as a pass that showed it. */
export type ReadSingly = Map<string, string>;

/**
 * Takes a bulk update from wherever its last leader left it through its phases. Every step can be repeated; what is lost with
 * a leader is at most the memory of which referrals its rows are about, which is read again from the rows.
 */
export async function runBulk(edges: BulkEdges, run: BulkRun): Promise<void> {
  const { work } = edges;
  const { id } = run;
  while (await work.retryRows(id, ROWS_A_STEP)) {
    await run.step();
  }
  const begun = await work.reload(id);
  if (begun === undefined) {
    return;
  }
  // A retry begins from there, and the run before it may have written down its own phase once more.
  const isEnlisted = begun.isDryRun
    ? begun.phase !== "enlist"
    : begun.phase !== "enlist" && begun.enlistedTo === begun.counts.total;
  if (begun.phase !== "feed" || !isEnlisted) {
    const census = await takeCensus(edges, run, begun);
    const readSingly: ReadSingly = new Map();
    const resolver = new Resolver(edges, run, readSingly);
    if (census.externalIds.size > 0) {
      await resolver.resolve(census);
    }
    if (!isEnlisted && !begun.isDryRun) {
      await enlist(edges, run, begun, resolver);
    }
    const evidence = await learn(edges, run, census, readSingly);
    const doneTo = begun.phase === "weigh" && isEnlisted ? begun.doneTo : 0;
    if (begun.isDryRun) {
      return planDryRun(edges, run, { resolver, evidence, readSingly });
    }
    if (evidence !== undefined || readSingly.size > 0) {
      await weigh(edges, run, { doneTo, evidence, readSingly });
    }
    await work.checkpoint(id, "feed", 0);
  }
  await feed(edges, run, begun.phase === "feed" && isEnlisted ? begun.doneTo : 0);
}

async function enlist(
  edges: BulkEdges,
  run: BulkRun,
  { enlistedTo, counts }: ActiveBulkUpdate,
  resolver: Resolver,
): Promise<void> {
  for (let at = enlistedTo; at < counts.total; ) {
    await run.step();
    const resolved = await resolver.rows(at + 1, Math.min(at + ROWS_A_STEP, counts.total));
    const now = await edges.work.enlist(run.id, ROWS_A_STEP, resolved);
    if (now < at) {
      throw new RunEndedError("it was over, and is being retried"); // its next run looks again
    }
    if (now === at) {
      await edges.work.retryRows(run.id, ROWS_A_STEP); // nothing gets its place before all of it is queued
      await pauseFor(LOOK_AGAIN_MS, run.stopping);
    }
    at = now;
  }
  await edges.work.checkpoint(run.id, "learn", 0);
}

/** Has the states read that decisions hang on, where the list is the cheap way. */
async function learn(
  edges: BulkEdges,
  run: BulkRun,
  { needs }: Census,
  readSingly: ReadSingly,
): Promise<PassEvidence | undefined> {
  const { survey, work } = edges;
  const { id, passes, stopping, isGoing } = run;
  await run.step();
  const found = await survey.evidence(id);
  if (found !== undefined) {
    return found;
  }
  const unknown = await countUnknown(edges, needs);
  const ask = () =>
    passes.ask({
      bulkUpdateId: id,
      need: { reads: needs.size, unknown, hasExternalIds: false, mustCover: false },
      isNeeded: (lane) => needs.has(lane),
      stopping,
      isGoing,
    });
  const [any] = needs;
  const failure = await ask();
  if (any !== undefined && failure?.kind === "transient") {
    // The list alone, or everything? When single reads are answered (again), the list gets one more chance.
    await readSinglyFor(edges, run, any, readSingly);
    await ask();
  }
  if (stopping.aborted) {
    throw new RunEndedError("the run ended");
  }
  await work.checkpoint(id, "weigh", 0);
  return survey.evidence(id);
}
