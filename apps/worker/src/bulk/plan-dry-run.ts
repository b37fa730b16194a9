import {
  type KnownState,
  laneName,
  type RowVerdict,
  type UpdateFailure,
} from "@patchlane/update-queue";
import type { BulkEdges } from "./bulk-edges.ts";
import type { BulkRun } from "./bulk-run.ts";
import { ROWS_A_CHUNK } from "./census.ts";
import { planLane } from "./plan-lane.ts";
import { failureOfRead, readSinglyFor } from "./read-singly.ts";
import type { Resolver } from "./resolve-external-ids.ts";
import { breathe, pauseFor } from "./turn.ts";
import { type Evidence, isCertain, VERDICTS_A_STEP } from "./weigh.ts";

/** ms until rows are looked at again that cannot be opened here: another worker may have the key, or this one get it. */
const SEALED_RETRY_MS = 10_000;
/** Lanes planned at a time, and single reads under way at a time. */
const LANES_A_STEP = 100;
const READS_AT_A_TIME = 8;

/** The rows of a dry run by what they are about. */
interface LanesOfRows {
  /** Lane -> its rows, in order; also those planned before, because later ones are decided on what they leave. */
  readonly lanes: Map<string, number[]>;
  /** Lanes with rows that are still to be planned. */
  readonly open: Set<string>;
  /** Rows whose external id names nothing. */
  readonly failed: RowVerdict[];
  /** Writes of the lanes that were planned before. */
  readonly writes: number;
  /** Whether some cannot be opened here. */
  readonly isSealed: boolean;
}

/**
 * Plans what the real run would do, referral by referral: rows of one are decided on the referral as it would be after those
 * before. Ends all rows; nothing is written upstream.
 */
export async function planDryRun(
  edges: BulkEdges,
  run: BulkRun,
  { resolver, ...sure }: Evidence & { readonly resolver: Resolver },
): Promise<void> {
  const { work } = edges;
  const found = await lanesOfRows(edges, run, resolver);
  const open = [...found.open];
  let calls = found.writes + (sure.evidence?.isComplete ? await callsForALook(edges) : 0);
  const last: RowVerdict[] = [];
  await settleAll(edges, run, found.failed, last);
  for (let at = 0; at < open.length; at += LANES_A_STEP) {
    const step = open.slice(at, at + LANES_A_STEP);
    const { verdicts, calls: more } = await planLanes(edges, run, step, found, sure);
    calls += more;
    await settleAll(edges, run, verdicts, last);
    await breathe();
  }
  await work.setPlan(run.id, { upstreamCalls: calls });
  await run.step();
  await work.settle(run.id, last);
  if (found.isSealed) {
    await pauseFor(SEALED_RETRY_MS, run.stopping);
  }
}

/** What the real run learned from this one is current, it finds out with a page of the list; and with the other end, the first time. */
async function callsForALook({ survey }: BulkEdges): Promise<number> {
  return (await survey.knowledge())?.isOrderProven ? 1 : 2;
}

/** All but the last few, which wait for the plan: with the last row the dry run is over. */
async function settleAll(
  { work }: BulkEdges,
  run: BulkRun,
  verdicts: readonly RowVerdict[],
  last: RowVerdict[],
): Promise<void> {
  last.push(...verdicts);
  while (last.length > VERDICTS_A_STEP) {
    await run.step();
    await work.settle(run.id, last.splice(0, VERDICTS_A_STEP));
  }
}

async function lanesOfRows(
  { work }: BulkEdges,
  run: BulkRun,
  resolver: Resolver,
): Promise<LanesOfRows> {
  const { total } = run.bulk().counts;
  const lanes = new Map<string, number[]>();
  const open = new Set<string>();
  const applied = new Set<string>();
  const failed: RowVerdict[] = [];
  let isSealed = false;
  for (let first = 1; first <= total; first += ROWS_A_CHUNK) {
    await run.step();
    const size = Math.min(ROWS_A_CHUNK, total - first + 1);
    const rows = await work.load(
      run.id,
      Array.from({ length: size }, (_, index) => first + index),
    );
    for (const row of rows) {
      const { rowNumber, externalReferenceId = "", state } = row;
      isSealed ||= row.unreadable !== undefined && state === "QUEUED";
      const isUsable = row.unreadable === undefined && row.input === undefined;
      if (rowNumber === undefined || !isUsable) {
        continue;
      }
      const named = row.referralId === "" ? resolver.nameOf(externalReferenceId) : row;
      if (named === undefined) {
        continue;
      }
      if (!("referralId" in named)) {
        failed.push({ rowNumber, referralId: "", state: "FAILED", error: named.error });
        continue;
      }
      const lane = laneName(named.referralId);
      const numbers = lanes.get(lane);
      if (numbers === undefined) {
        lanes.set(lane, [rowNumber]);
      } else {
        numbers.push(rowNumber); // a copy for each row would be felt with many of one referral
      }
      if (state === "QUEUED") {
        open.add(lane);
      } else if (state === "APPLIED") {
        applied.add(lane);
      }
    }
    await breathe();
  }
  const writes = [...applied].filter((lane) => !open.has(lane)).length;
  return { lanes, open, failed, writes, isSealed };
}

async function planLanes(
  edges: BulkEdges,
  run: BulkRun,
  lanes: readonly string[],
  found: LanesOfRows,
  sure: Evidence,
): Promise<{ readonly verdicts: RowVerdict[]; readonly calls: number }> {
  const numbers = lanes.flatMap((lane) => found.lanes.get(lane) ?? []);
  const rows = await edges.work.load(run.id, numbers);
  const byNumber = new Map(rows.map((row) => [row.rowNumber, row]));
  const states = await statesOf(edges, run, lanes, sure);
  const verdicts: RowVerdict[] = [];
  let calls = 0;
  for (const lane of lanes) {
    const state = states.get(lane);
    const ofLane = (found.lanes.get(lane) ?? []).flatMap((number) => byNumber.get(number) ?? []);
    if (state === undefined) {
      continue;
    }
    const referralId = ofLane.find((row) => row.referralId !== "")?.referralId ?? lane;
    if ("error" in state) {
      for (const { rowNumber = 0 } of ofLane) {
        verdicts.push({ rowNumber, referralId, state: "FAILED", error: state.error });
      }
      calls += 1; // the real run has to ask, too
      continue;
    }
    const planned = planLane(referralId, ofLane, state.state, state.isListed);
    verdicts.push(...planned.verdicts);
    calls += planned.calls;
  }
  const queued = new Set(
    rows.filter(({ state }) => state === "QUEUED").map((row) => row.rowNumber),
  );
  return { verdicts: verdicts.filter(({ rowNumber }) => queued.has(rowNumber)), calls };
}

interface FoundState {
  readonly state: KnownState;
  /** The real run finds it in the list as well. */
  readonly isListed: boolean;
}

async function statesOf(
  edges: BulkEdges,
  run: BulkRun,
  lanes: readonly string[],
  sure: Evidence,
): Promise<Map<string, FoundState | { readonly error: UpdateFailure }>> {
  const known = await edges.known.getMany(lanes);
  const found = new Map<string, FoundState | { readonly error: UpdateFailure }>();
  const missing: string[] = [];
  for (const lane of lanes) {
    const state = known.get(lane);
    if (state !== undefined && isCertain(lane, state, sure)) {
      found.set(lane, { state, isListed: sure.evidence?.isComplete ?? false });
    } else {
      missing.push(lane);
    }
  }
  await edges.known.keep([...found.keys()]);
  const next = missing.values();
  const readThem = async (): Promise<void> => {
    for (const lane of next) {
      const read = await readSinglyFor(edges, run, lane, sure.readSingly);
      found.set(
        lane,
        read.ok
          ? { state: { ...read.value, seenAt: edges.now() }, isListed: false }
          : { error: failureOfRead(read.error) },
      );
    }
  };
  await Promise.all(Array.from({ length: READS_AT_A_TIME }, readThem));
  return found;
}
