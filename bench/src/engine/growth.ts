import { setTimeout as sleep } from "node:timers/promises";
import { acceptRate, producersOf } from "./accepts.ts";
import { leftOf } from "./drains.ts";
import { emptyRedis } from "./empty-redis.ts";
import { inFlight, patchOf, referralIdOf } from "./fill.ts";
import type { Plan } from "./plans.ts";
import { usedMemory } from "./redis-memory.ts";
import { type Site, startBullmqWorker, startPatchlaneWorker } from "./site.ts";

/** What one more update costs while so many are waiting. */
export interface GrowthPoint {
  readonly waiting: number;
  /** One sample a look. */
  readonly acceptsPerSecond: readonly number[];
  readonly drainedPerSecond: readonly number[];
  /** Of Redis, one of those that were added to come to so many; undefined when none were. */
  readonly waitingBytes: number | undefined;
}

type Who = "patchlane" | "bullmq";

/** Looks at every backlog. */
const LOOKS = 3;
/** Accepts under way at a time, while measured and while filling. */
const UNDER_WAY = 50;
const FILLING = 200;
/** ms a worker drains before it is looked at. */
const WARM_MS = 1_500;
const A_BATCH = 1_000;

/** Fills Redis further and further, and looks at every size how fast updates come in and go out. */
export async function measureGrowth(site: Site, who: Who, plan: Plan): Promise<GrowthPoint[]> {
  await emptyRedis(site.connection);
  const points: GrowthPoint[] = [];
  let next = 0;
  for (const waiting of plan.backlogs) {
    const missing = waiting - (await leftOf(site, { drainer: who }));
    const bytesBefore = await usedMemory(site.connection);
    await fill(site, who, next, missing);
    next += Math.max(missing, 0);
    const addedBytes = (await usedMemory(site.connection)) - bytesBefore;
    const acceptsPerSecond: number[] = [];
    for (let look = 0; look < LOOKS; look++) {
      const first = next;
      const accept = producersOf(site)[who];
      acceptsPerSecond.push(await acceptRate((n) => accept(first + n), plan.accepted, UNDER_WAY));
      next += plan.accepted;
    }
    points.push({
      waiting,
      acceptsPerSecond,
      drainedPerSecond: await drainRates(site, who, plan.drainMs),
      waitingBytes: missing > 0 ? addedBytes / missing : undefined,
    });
  }
  return points;
}

async function fill(site: Site, who: Who, first: number, count: number): Promise<void> {
  if (who === "patchlane") {
    await inFlight(Math.max(count, 0), (n) => producersOf(site).patchlane(first + n), FILLING);
    return;
  }
  for (let at = 0; at < count; at += A_BATCH) {
    const batch = Array.from({ length: Math.min(A_BATCH, count - at) }, (_, n) => first + at + n);
    await site.bullmq.addBulk(
      batch.map((n) => ({
        name: "update",
        data: { referralId: referralIdOf(n), patch: patchOf(n) },
      })),
    );
  }
}

async function drainRates(site: Site, who: Who, drainMs: number): Promise<number[]> {
  const worker = await (who === "patchlane"
    ? startPatchlaneWorker(site)
    : startBullmqWorker(site, "patch"));
  try {
    await sleep(Math.min(WARM_MS, drainMs));
    const rates: number[] = [];
    for (let look = 0; look < LOOKS; look++) {
      const before = await leftOf(site, { drainer: who });
      const startedAt = performance.now();
      await sleep(drainMs);
      const after = await leftOf(site, { drainer: who });
      rates.push(((before - after) / (performance.now() - startedAt)) * 1_000);
    }
    return rates;
  } finally {
    await worker.stop();
  }
}
