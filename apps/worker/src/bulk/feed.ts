import { laneName } from "@patchlane/update-queue";
import type { BulkEdges } from "./bulk-edges.ts";
import type { BulkRun } from "./bulk-run.ts";
import { pauseFor } from "./turn.ts";

/** ms between looks at what became of the rows that were woken. */
const LOOK_EVERY_MS = 150;
/** ms of the rate that may be woken ahead, all bulk updates together. */
const AHEAD_MS = 2_000;
/** Least and most rows woken ahead: enough for a few processes' places, and what one look can count. */
const LEAST_AHEAD = 64;
const MOST_AHEAD = 5_000;
/** ms between questions about the rate in use. */
const RATE_FOR_MS = 1_000;
/** ms after which a row that is still QUEUED does not hold its place in the window any more: its lane may rest. */
const SLOW_AFTER_MS = 10_000;
/** ms after which its lane is woken once more; one that waits in line already keeps its place. */
const WAKE_AGAIN_MS = 5_000;
/** Windows that slow rows may fill. */
const MOST_SLOW_WINDOWS = 4;
/** Rows looked at, or woken, in one step. */
const ROWS_A_STEP = 1_000;
/** ms between two notes of how far it came. */
const NOTE_EVERY_MS = 1_000;

/** How many rows may be on their way: as many as keep the workers busy, in equal parts for those that have any. */
export class FeedShares {
  readonly #budget: BulkEdges["budget"];
  readonly #taking = new Set<string>();
  #window = LEAST_AHEAD;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(budget: BulkEdges["budget"]) {
    this.#budget = budget;
  }

  /** Rows the bulk update may have on their way now; from here on it takes its part. */
  async of(bulkUpdateId: string): Promise<number> {
    this.#taking.add(bulkUpdateId);
    if (performance.now() - this.#askedAt > RATE_FOR_MS) {
      this.#askedAt = performance.now();
      const { ratePerSecond } = await this.#budget.status();
      const ahead = Math.ceil((ratePerSecond * AHEAD_MS) / 1000);
      this.#window = Math.min(MOST_AHEAD, Math.max(LEAST_AHEAD, ahead));
    }
    return Math.ceil(this.#window / this.#taking.size);
  }

  /** Gives its part to the others, until it takes it again. */
  leave(bulkUpdateId: string): void {
    this.#taking.delete(bulkUpdateId);
  }
}

interface OnItsWay {
  readonly referralId: string;
  readonly since: number;
  wokenAt: number;
}

/**
 * Wakes the lanes of the rows that are left, a window at a time, until all of them are final. Who takes over wakes what is
 * QUEUED in the window once more, which costs a look at each lane.
 */
export async function feed(edges: BulkEdges, run: BulkRun, doneTo: number): Promise<void> {
  const { work } = edges;
  const onTheirWay = new Map<number, OnItsWay>();
  const { total } = run.bulk().counts;
  /** All rows up to there are final; all up to `lookedTo` final or on their way. */
  let finalTo = doneTo;
  let lookedTo = doneTo;
  let notedAt = performance.now();
  try {
    while (finalTo < total) {
      if (!run.isGoing()) {
        run.shares.leave(run.id);
        await run.step();
        // Who looked at their lanes meanwhile found nothing that could be sent.
        for (const each of onTheirWay.values()) {
          each.wokenAt = Number.NEGATIVE_INFINITY;
        }
      }
      await run.turn();
      if (await isBegunAnew(edges, run)) {
        return;
      }
      await look(edges, run, onTheirWay);
      const share = await run.shares.of(run.id);
      const room = roomIn(onTheirWay, share);
      if (room > 0 && lookedTo < total) {
        const to = Math.min(total, lookedTo + ROWS_A_STEP);
        lookedTo = await wakeNext(edges, run, { from: lookedTo + 1, to, most: room }, onTheirWay);
        if (lookedTo < total && roomIn(onTheirWay, share) > 0) {
          continue; // nothing but final rows there
        }
      }
      if (onTheirWay.size === 0 && lookedTo === total) {
        run.shares.leave(run.id);
      }
      finalTo = Math.min(lookedTo, ...[...onTheirWay.keys()].map((row) => row - 1));
      if (performance.now() - notedAt > NOTE_EVERY_MS) {
        notedAt = performance.now();
        await work.checkpoint(run.id, "feed", finalTo);
      }
      await pauseFor(LOOK_EVERY_MS, run.stopping);
    }
    // Should any row be left after all (the note was that of a leader from before a retry), the next run looks at every one.
    await work.checkpoint(run.id, "feed", 0);
  } finally {
    run.shares.leave(run.id);
  }
}

/** It was over and is being retried: its rows have no places yet, and its next run gives them some. */
async function isBegunAnew({ work }: BulkEdges, run: BulkRun): Promise<boolean> {
  const isEnlisted = ({ enlistedTo, counts }: ReturnType<BulkRun["bulk"]>): boolean =>
    enlistedTo === counts.total;
  if (isEnlisted(run.bulk())) {
    return false;
  }
  const now = await work.reload(run.id); // what was seen last may be from before they were enlisted
  return now === undefined || !isEnlisted(now);
}

function roomIn(onTheirWay: ReadonlyMap<number, OnItsWay>, share: number): number {
  const now = performance.now();
  const quick = [...onTheirWay.values()].filter(({ since }) => now - since < SLOW_AFTER_MS).length;
  return Math.min(share - quick, MOST_SLOW_WINDOWS * share - onTheirWay.size, ROWS_A_STEP);
}

/** Strikes out what is final, and wakes again what nobody seems to have looked at. */
async function look(
  { work }: BulkEdges,
  run: BulkRun,
  onTheirWay: Map<number, OnItsWay>,
): Promise<void> {
  const numbers = [...onTheirWay.keys()];
  const first = numbers.reduce((least, row) => Math.min(least, row), Number.POSITIVE_INFINITY);
  const last = numbers.reduce((most, row) => Math.max(most, row), 0);
  if (numbers.length === 0) {
    return;
  }
  const letters = await work.letters(run.id, first, last);
  const now = performance.now();
  const again: string[] = [];
  for (const [row, each] of onTheirWay) {
    const letter = letters[row - first];
    if (letter !== "Q" && letter !== "S") {
      onTheirWay.delete(row);
    } else if (letter === "Q" && now - each.wokenAt > WAKE_AGAIN_MS && again.length < ROWS_A_STEP) {
      each.wokenAt = now;
      again.push(each.referralId);
    }
  }
  await wake(work, again);
}

/** Wakes the lanes of at most so many QUEUED rows; answers up to which row it came. */
async function wakeNext(
  { work }: BulkEdges,
  run: BulkRun,
  { from, to, most }: { readonly from: number; readonly to: number; readonly most: number },
  onTheirWay: Map<number, OnItsWay>,
): Promise<number> {
  const letters = await work.letters(run.id, from, to);
  const open: number[] = [];
  let lookedTo = from - 1;
  for (const letter of letters) {
    if (open.length === most) {
      break;
    }
    lookedTo += 1;
    if (letter === "Q" || letter === "S") {
      open.push(lookedTo);
    }
  }
  const rows = open.length === 0 ? [] : await work.load(run.id, open);
  await wake(
    work,
    rows.map(({ referralId }) => referralId),
  );
  const now = performance.now();
  for (const { rowNumber, referralId } of rows) {
    if (rowNumber !== undefined) {
      onTheirWay.set(rowNumber, { referralId, since: now, wokenAt: now });
    }
  }
  return lookedTo;
}

async function wake(work: BulkEdges["work"], referralIds: readonly string[]): Promise<void> {
  const lanes = new Map(referralIds.map((id) => [laneName(id), id]));
  lanes.delete("");
  if (lanes.size > 0) {
    await work.wake([...lanes.values()]);
  }
}
