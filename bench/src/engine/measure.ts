import type { RunContext } from "../report/benchmark.ts";
import { acceptRate, type Producer, producersOf } from "./accepts.ts";
import { type Drain, type DrainResult, measureDrain } from "./drains.ts";
import { emptyRedis } from "./empty-redis.ts";
import { type GrowthPoint, measureGrowth } from "./growth.ts";
import { PLANS } from "./plans.ts";
import { openSite, type Site } from "./site.ts";
import { measureUploads, type Taker, type UploadResult } from "./uploads.ts";

export interface EngineResults {
  readonly rounds: number;
  /** Accepts a second: one after the other, and with 50 under way. */
  readonly single: ReadonlyMap<Producer, readonly number[]>;
  readonly fifty: ReadonlyMap<Producer, readonly number[]>;
  readonly uploads: ReadonlyMap<Taker, readonly UploadResult[]>;
  readonly drains: ReadonlyMap<string, readonly DrainResult[]>;
  readonly growth: {
    readonly patchlane: readonly GrowthPoint[];
    readonly bullmq: readonly GrowthPoint[];
  };
}

export const PRODUCERS: readonly Producer[] = ["patchlane", "bullmq", "list"];

export const DRAINS: readonly Drain[] = [
  { name: "Patchlane, 1 update a referral", drainer: "patchlane", perReferral: 1 },
  { name: "Patchlane, 3 updates a referral", drainer: "patchlane", perReferral: 3 },
  { name: "Patchlane, 10 updates a referral", drainer: "patchlane", perReferral: 10 },
  { name: "BullMQ, a PATCH a job", drainer: "bullmq", perReferral: 1 },
  { name: "BullMQ, jobs that do nothing", drainer: "bullmq, no call", perReferral: 1 },
];

export async function measureEngine({ size, say }: RunContext): Promise<EngineResults> {
  const plan = PLANS[size];
  const uploads = await measureUploads(plan.rows, plan.rounds);
  say("uploads measured");
  const site = await openSite();
  try {
    const single = await accepts(site, plan.rounds, plan.singles, 1);
    const fifty = await accepts(site, plan.rounds, plan.inFlight, 50);
    say("accepts measured");
    const drains = new Map<string, DrainResult[]>();
    for (let round = 0; round < plan.rounds; round++) {
      for (const drain of DRAINS) {
        const updates = plan.drained - (plan.drained % drain.perReferral);
        const result = await measureDrain(site, drain, updates);
        drains.set(drain.name, [...(drains.get(drain.name) ?? []), result]);
      }
      say(`drains: round ${round + 1} of ${plan.rounds}`);
    }
    const bullmq = await measureGrowth(site, "bullmq", plan);
    const patchlane = await measureGrowth(site, "patchlane", plan);
    await emptyRedis(site.connection);
    return { rounds: plan.rounds, single, fifty, uploads, drains, growth: { patchlane, bullmq } };
  } finally {
    await site.stop();
  }
}

async function accepts(
  site: Site,
  rounds: number,
  count: number,
  underWay: number,
): Promise<Map<Producer, number[]>> {
  const rates = new Map<Producer, number[]>();
  const producers = producersOf(site);
  for (let round = -1; round < rounds; round++) {
    for (const producer of PRODUCERS) {
      await emptyRedis(site.connection);
      const rate = await acceptRate(producers[producer], count, underWay);
      if (round >= 0) {
        // the first one warms the code
        rates.set(producer, [...(rates.get(producer) ?? []), rate]);
      }
    }
  }
  return rates;
}
