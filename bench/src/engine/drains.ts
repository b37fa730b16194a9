import { setTimeout as sleep } from "node:timers/promises";
import type { ChildService } from "@patchlane/local-stack";
import { cpuMsOf } from "../gateway/cpu.ts";
import { emptyRedis } from "./empty-redis.ts";
import { acceptOne, addOne, inFlight } from "./fill.ts";
import { usedMemory } from "./redis-memory.ts";
import { type Site, startBullmqWorker, startPatchlaneWorker } from "./site.ts";

/** Who drains, and how many updates each referral has. */
export interface Drain {
  readonly name: string;
  readonly drainer: "patchlane" | "bullmq" | "bullmq, no call";
  readonly perReferral: number;
}

export interface DrainResult {
  readonly perSecond: number;
  /** µs of processor an update. */
  readonly workerCpuUs: number;
  readonly redisCpuUs: number;
  /** Upstream calls an update. */
  readonly calls: number;
  /** Bytes of Redis an update that is over takes, with what is known of its referral. */
  readonly finishedBytes: number;
}

/** ms between looks at what is left. */
const LOOK_EVERY_MS = 20;
/** Of the updates: done before the clock starts, so that code and sockets are warm. */
const WARM_SHARE = 0.25;

/** Fills Redis with updates while no worker runs, then starts one and times it. Leaves Redis empty. */
export async function measureDrain(
  site: Site,
  drain: Drain,
  updates: number,
): Promise<DrainResult> {
  const { connection, redis, upstream } = site;
  await emptyRedis(connection);
  const emptyBytes = await usedMemory(connection);
  await upstream.forget();
  const referrals = updates / drain.perReferral;
  await inFlight(updates, (n) =>
    drain.drainer === "patchlane"
      ? acceptOne(site.patchlane, n % referrals, n)
      : addOne(site.bullmq, n % referrals, n),
  );
  const worker = await start(site, drain);
  try {
    await untilLeft(site, drain, updates * (1 - WARM_SHARE));
    const [workerBefore, redisBefore] = [await cpuMsOf(worker.pid), await cpuMsOf(redis.pid)];
    const before = await leftOf(site, drain);
    const startedAt = performance.now();
    await untilLeft(site, drain, 0);
    const seconds = (performance.now() - startedAt) / 1_000;
    const [workerMs, redisMs] = [await cpuMsOf(worker.pid), await cpuMsOf(redis.pid)];
    const calls = (await upstream.calls()).filter(({ method }) => method === "PATCH").length;
    return {
      perSecond: before / seconds,
      workerCpuUs: ((workerMs - workerBefore) * 1_000) / before,
      redisCpuUs: ((redisMs - redisBefore) * 1_000) / before,
      calls: calls / updates,
      finishedBytes: ((await usedMemory(connection)) - emptyBytes) / updates,
    };
  } finally {
    await worker.stop();
  }
}

function start(site: Site, { drainer }: Drain): Promise<ChildService> {
  return drainer === "patchlane"
    ? startPatchlaneWorker(site)
    : startBullmqWorker(site, drainer === "bullmq" ? "patch" : "nothing");
}

async function untilLeft(site: Site, drain: Drain, most: number): Promise<void> {
  while ((await leftOf(site, drain)) > most) {
    await sleep(LOOK_EVERY_MS);
  }
}

/** Updates that are not over. */
export async function leftOf(
  { patchlane, bullmq }: Site,
  { drainer }: Pick<Drain, "drainer">,
): Promise<number> {
  if (drainer === "patchlane") {
    const { QUEUED, SENDING, FAILED } = await patchlane.ledger.counts();
    if (FAILED > 0) {
      throw new Error(`${FAILED} updates failed`);
    }
    return QUEUED + SENDING;
  }
  const {
    wait = 0,
    active = 0,
    failed = 0,
  } = await bullmq.getJobCounts("wait", "active", "failed");
  if (failed > 0) {
    throw new Error(`${failed} jobs failed`);
  }
  return wait + active;
}
