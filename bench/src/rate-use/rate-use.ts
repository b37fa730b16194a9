import { startLocalRedis } from "@patchlane/local-redis";
import type { Benchmark, RunContext } from "../report/benchmark.ts";
import { startUpstream, type Upstream } from "../upstream/start-upstream.ts";
import type { ContenderName } from "./contenders.ts";
import { type Drain, measureDrain } from "./drain.ts";
import { findingsOf } from "./findings.ts";
import { METHOD } from "./method.ts";
import { type PlannedCase, planOf } from "./plan.ts";
import { PENALTY_MS, titleOf } from "./rate-case.ts";

interface Place {
  readonly rateCase: PlannedCase;
  readonly upstream: Upstream;
  readonly drains: Map<ContenderName, Drain[]>;
}

export const rateUse: Benchmark = {
  name: "rate-use",
  title: "Rate use",
  method: METHOD,
  rivals: ["bullmq", "ioredis", "bottleneck", "p-queue", "undici"],
  run: async ({ size, say }) => {
    const { rounds, startingMs, cases } = planOf(size);
    const redis = await startLocalRedis();
    const places: Place[] = [];
    try {
      for (const rateCase of cases) {
        const upstream = await startUpstream({ ...rateCase, penaltyMs: PENALTY_MS });
        const drains = new Map(
          rateCase.contenders.map((name): [ContenderName, Drain[]] => [name, []]),
        );
        places.push({ rateCase, upstream, drains });
      }
      for (let round = 1; round <= rounds; round++) {
        for (const place of places) {
          const machine = { redisUrl: redis.url, redisPid: redis.pid, startingMs };
          await runTurns(place, machine, `round ${round}`, say);
        }
      }
      return findingsOf(rounds, places);
    } finally {
      await Promise.all(places.map(({ upstream }) => upstream.stop()));
      await redis.stop();
    }
  },
};

/** Every contender once. */
async function runTurns(
  { rateCase, upstream, drains }: Place,
  machine: { readonly redisUrl: string; readonly redisPid: number; readonly startingMs: number },
  label: string,
  say: RunContext["say"],
): Promise<void> {
  for (const [name, each] of drains) {
    const site = { ...machine, upstream };
    const drain = await measureDrain(name, site, rateCase, machine.startingMs);
    each.push(drain);
    const { timeOverIdeal, refusals, done } = drain;
    say(
      `${label}, ${titleOf(rateCase)}: ${name} ${timeOverIdeal.toFixed(3)}, ${refusals} 429s, ${done} done`,
    );
  }
}
