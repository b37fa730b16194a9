import { setTimeout as sleep } from "node:timers/promises";
import type { Upstream } from "../upstream/start-upstream.ts";
import { nowMs } from "./clock.ts";
import type { Contender } from "./contender.ts";
import { ownWaits } from "./own-wait.ts";
import { poissonArrivals, sendAt } from "./poisson.ts";

export interface BlockOptions {
  readonly perSecond: number;
  /** Changes that count. */
  readonly changes: number;
  /** The same for all that take turns: they get the same arrivals. */
  readonly seed: number;
  /** The rate the contender keeps to, in calls per second as configured; without one nothing is its own wait. */
  readonly ratePerSecond?: number;
}

/** ms of each change, in the order of sending. */
export interface BlockResult {
  /** From sending it to the arrival of its PATCH at the upstream. */
  readonly toWriteMs: readonly number[];
  /** How much of that the rate alone costs. */
  readonly ownWaitMs: readonly number[];
  /** From sending it to the answer that it is accepted. */
  readonly toAnswerMs: readonly number[];
  /** From sending it to the answer that it is applied. */
  readonly toAppliedMs: readonly number[];
}

/** Changes before those that count: sockets and code are warm, as they are where there is always something to do. */
const LEAD_IN = 5;
/** Longest a write may be on its way after its change was answered (ms). */
const LONGEST_WAY_MS = 20_000;
/** ms between looks for them. */
const LOOK_EVERY_MS = 50;

let blocks = 0;

/** One turn: changes of as many referrals come at random moments; every other caller waits until its change is applied. */
export async function runBlock(
  contender: Contender,
  upstream: Upstream,
  { perSecond, changes, seed, ratePerSecond }: BlockOptions,
): Promise<BlockResult> {
  const block = String(++blocks).padStart(12, "0");
  const idOf = (n: number): string => `${String(n).padStart(8, "f")}-0000-4000-8000-${block}`;
  const arrivals = poissonArrivals(LEAD_IN + changes, perSecond, seed);
  const sentAt: number[] = [];
  const endedAt: number[] = [];
  await sendAt(arrivals, async (n) => {
    sentAt[n] = nowMs();
    await contender.change(idOf(n), n, isWaited(n));
    endedAt[n] = nowMs();
  });
  const writtenAt = await arrivalsAt(
    upstream,
    arrivals.map((_, n) => idOf(n)),
  );
  const since = (moments: readonly number[]): number[] =>
    moments.map((moment, n) => moment - (sentAt[n] ?? Number.NaN));
  const counted = <Value>(values: readonly Value[]): Value[] => values.slice(LEAD_IN);
  const waits =
    ratePerSecond === undefined ? arrivals.map(() => 0) : ownWaits(sentAt, ratePerSecond);
  const ends = counted(since(endedAt));
  return {
    toWriteMs: counted(since(writtenAt)),
    ownWaitMs: counted(waits),
    toAnswerMs: ends.filter((_, n) => !isWaited(n + LEAD_IN)),
    toAppliedMs: ends.filter((_, n) => isWaited(n + LEAD_IN)),
  };
}

function isWaited(n: number): boolean {
  return n % 2 === 1;
}

/** When the PATCH of each referral came; there must be exactly one. */
async function arrivalsAt(upstream: Upstream, ids: readonly string[]): Promise<number[]> {
  const until = nowMs() + LONGEST_WAY_MS;
  for (;;) {
    const calls = await upstream.calls();
    const found = Map.groupBy(calls, ({ referralId }) => referralId);
    const writes = ids.map((id) => found.get(id) ?? []);
    if (writes.every(({ length }) => length === 1)) {
      return writes.map(([call]) => call?.at ?? Number.NaN);
    }
    if (nowMs() > until || writes.some(({ length }) => length > 1)) {
      throw new Error("not every change was written exactly once");
    }
    await sleep(LOOK_EVERY_MS);
  }
}
