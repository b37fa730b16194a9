import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { cpuMsOf } from "../gateway/cpu.ts";
import type { UpstreamCall } from "../upstream/start-upstream.ts";
import { type ContenderName, startContender } from "./contenders.ts";
import { callsOf, idealMs, type RateCase } from "./rate-case.ts";
import { monotonicMs, type Site, type Started } from "./site.ts";

/** What one drain came to. */
export interface Drain {
  /** Time from the first call's arrival to the last success, over the least possible for as many calls. */
  readonly timeOverIdeal: number;
  /** Calls the upstream let in; fewer than there were when it was given up. */
  readonly done: number;
  readonly calls: number;
  readonly refusals: number;
  readonly cpuMsPerCall: number;
  readonly redisCpuMsPerCall: number;
  /** From the start to the last success. */
  readonly fromStartMs: number;
}

/** A drain that takes so much longer than it has to is given up: the rate it made is known by then. */
const LONGEST_SHARE = 1.25;
/** ms between looks at the upstream's log, which cost it a little; none before the ideal time is over. */
const LOOK_EVERY_MS = 200;

/** One drain of one contender, everything of it stopped and forgotten in the end. */
export async function measureDrain(
  name: ContenderName,
  site: Site & { redisPid: number },
  rateCase: RateCase,
  startingMs: number,
): Promise<Drain> {
  await flush(site.redisUrl);
  const started = await startContender(name, site, rateCase);
  const pids = started.processes.map(({ pid }) => pid);
  const [cpuBefore, redisBefore] = [await cpuOf(pids), await cpuMsOf(site.redisPid)];
  try {
    const calls = await untilDone(site, rateCase, started, startingMs);
    const [cpuMs, redisMs] = [
      (await cpuOf(pids)) - cpuBefore,
      (await cpuMsOf(site.redisPid)) - redisBefore,
    ];
    const taken = successesIn(calls);
    const [first, last] = [calls[0], taken.at(-1)];
    if (first === undefined || last === undefined) {
      throw new Error(`${name} got no call through`);
    }
    return {
      timeOverIdeal: (last.at - first.at) / idealMs(rateCase, taken.length),
      done: taken.length,
      calls: calls.length,
      refusals: calls.filter(({ status }) => status === 429).length,
      cpuMsPerCall: cpuMs / calls.length,
      redisCpuMsPerCall: redisMs / calls.length,
      fromStartMs: last.at - started.begunAt,
    };
  } finally {
    await Promise.all(started.processes.map((process) => process.stop()));
  }
}

/** The log of the upstream once every call is in, or time is up. */
async function untilDone(
  { upstream }: Site,
  rateCase: RateCase,
  { begunAt }: Started,
  startingMs: number,
): Promise<UpstreamCall[]> {
  const all = callsOf(rateCase);
  const leastMs = idealMs(rateCase, all);
  const giveUpAt = begunAt + startingMs + leastMs * LONGEST_SHARE;
  await sleep(Math.max(0, begunAt + leastMs - monotonicMs()));
  for (;;) {
    const calls = await upstream.calls();
    if (successesIn(calls).length >= all || monotonicMs() > giveUpAt) {
      return calls;
    }
    await sleep(LOOK_EVERY_MS);
  }
}

/** Each referral's first success: a call made twice is work done once. */
function successesIn(calls: readonly UpstreamCall[]): UpstreamCall[] {
  const seen = new Set<string>();
  return calls.filter(({ referralId, status }) => {
    const isNew = status === 200 && !seen.has(referralId);
    if (isNew) {
      seen.add(referralId);
    }
    return isNew;
  });
}

async function cpuOf(pids: readonly number[]): Promise<number> {
  const each = await Promise.all(pids.map(cpuMsOf));
  return each.reduce((sum, ms) => sum + ms, 0);
}

async function flush(redisUrl: string): Promise<void> {
  const redis = new Redis(redisUrl);
  await redis.flushall();
  await redis.quit();
}
