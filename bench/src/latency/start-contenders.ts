import { startLocalRedis } from "@patchlane/local-redis";
import { startLocalStack } from "@patchlane/local-stack";
import type { RateLimiterOptions } from "bullmq";
import { startUpstream, type Upstream } from "../upstream/start-upstream.ts";
import type { BacklogContender, Contender } from "./contender.ts";
import { openDirect } from "./direct.ts";
import { openPatchlane } from "./open-patchlane.ts";
import { startBullmq } from "./start-bullmq.ts";

/** Patchlane at one rate, and BullMQ held to the same. */
export interface Paced {
  readonly ratePerSecond: number;
  readonly patchlane: BacklogContender;
  readonly gatewayUrl: string;
  readonly bullmq: BacklogContender;
}

export interface Contenders {
  readonly upstream: Upstream;
  readonly direct: Contender;
  /** BullMQ alone over a Redis as its guide wants it (fsync every second), and over ours (fsync before the answer). */
  readonly bullmq: Contender;
  readonly bullmqDurable: Contender;
  readonly paced: readonly Paced[];
  stop(): Promise<void>;
}

/** As much as our budget uses of a rate. */
const USED_SHARE = 0.95;

/** Everybody, each over processes of its own, against one upstream that refuses nothing. */
export async function startContenders(ratesPerSecond: readonly number[]): Promise<Contenders> {
  const started: { stop(): Promise<void> }[] = [];
  const stop = async (): Promise<void> => {
    for (const part of started.splice(0).reverse()) {
      await part.stop();
    }
  };
  const keep = async <Part extends { stop(): Promise<void> }>(
    part: Promise<Part>,
  ): Promise<Part> => {
    const done = await part;
    started.push(done);
    return done;
  };
  try {
    const upstream = await keep(startUpstream());
    const durable = await keep(startLocalRedis());
    const redis = await keep(startLocalRedis({ durable: false }));
    const upstreamUrl = upstream.url;
    const bullmqAt = (redisUrl: string, queue: string, limiter?: RateLimiterOptions) =>
      keep(startBullmq({ redisUrl, upstreamUrl, queue, ...(limiter ? { limiter } : {}) }));
    const pacedAt = async (ratePerSecond: number): Promise<Paced> => {
      const settings = { PARTNER_CENTER_URL: upstreamUrl, ACCOUNT_ID: `rate-${ratePerSecond}` };
      const redisUrl = durable.url;
      const [stack, bullmq] = await Promise.all([
        keep(startLocalStack({ redisUrl, referrals: 1, workers: 1, ratePerSecond, settings })),
        bullmqAt(redis.url, `paced-${ratePerSecond}`, limiterOf(ratePerSecond)),
      ]);
      const patchlane = openPatchlane(stack);
      started.push({ stop: () => patchlane.close() });
      return { ratePerSecond, patchlane, gatewayUrl: stack.gatewayUrl, bullmq };
    };
    const direct = openDirect(upstreamUrl);
    started.push({ stop: () => direct.close() });
    const [bullmq, bullmqDurable, ...paced] = await Promise.all([
      bullmqAt(redis.url, "writes"),
      bullmqAt(durable.url, "writes"),
      ...ratesPerSecond.map(pacedAt),
    ]);
    return { upstream, direct, bullmq, bullmqDurable, paced, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** BullMQ's limiter lets `max` jobs start at once: the shortest window that holds whole jobs and is no shorter than its timers are exact. */
function limiterOf(ratePerSecond: number): RateLimiterOptions {
  const perSecond = ratePerSecond * USED_SHARE;
  return perSecond < 100
    ? { max: 1, duration: Math.ceil(1_000 / perSecond) }
    : { max: Math.floor(perSecond / 10), duration: 100 };
}
