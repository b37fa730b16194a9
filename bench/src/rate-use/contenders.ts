import { fileURLToPath } from "node:url";
import { appEntry, type ChildService, startChild } from "@patchlane/local-stack";
import { openUpdateQueue } from "@patchlane/update-queue";
import type { Upstream } from "../upstream/start-upstream.ts";
import { callsOf, type RateCase } from "./rate-case.ts";
import { fillQueue } from "./rivals/bullmq.ts";
import { type RivalName, type RivalTask, referralIdOf } from "./rivals/rival.ts";

export type ContenderName = "patchlane" | RivalName;

/** Calls in flight in a process: Patchlane's default `WORKER_CONCURRENCY`, and the same for everybody. */
const CONCURRENCY = 16;
/** Updates accepted at a time before a drain. */
const ACCEPTED_TOGETHER = 100;

export interface Site {
  readonly redisUrl: string;
  readonly upstream: Upstream;
}

export interface Started {
  readonly processes: readonly ChildService[];
  /** When they were told to begin, on the machine's monotonic clock. */
  readonly begunAt: number;
}

/** ms on the machine's monotonic clock, which the upstream's log uses too. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** Has everything that is to be sent in place, then begins. */
export function startContender(
  name: ContenderName,
  site: Site,
  rateCase: RateCase,
): Promise<Started> {
  return name === "patchlane" ? startPatchlane(site, rateCase) : startRival(name, site, rateCase);
}

/** Real workers, started cold once the updates are accepted, each on a referral of its own. */
async function startPatchlane({ redisUrl, upstream }: Site, rateCase: RateCase): Promise<Started> {
  await acceptUpdates(redisUrl, callsOf(rateCase));
  await upstream.forget();
  const begunAt = monotonicMs();
  const environment = {
    REDIS_URL: redisUrl,
    PARTNER_CENTER_URL: upstream.url,
    PARTNER_CENTER_ACCESS_TOKEN: "bench",
    PARTNER_CENTER_RATE: String(rateCase.ratePerSecond),
    PARTNER_CENTER_BURST: String(rateCase.kind === "bucket" ? rateCase.burst : 1),
    WORKER_CONCURRENCY: String(CONCURRENCY),
  };
  const processes = await startAll(rateCase.processes, (index) => ({
    name: `worker ${index + 1}`,
    nodeArguments: appEntry("worker", "source"),
    environment,
    isReady: (line) => line.msg === "worker ready",
  }));
  return { processes, begunAt };
}

async function acceptUpdates(redisUrl: string, count: number): Promise<void> {
  const queue = openUpdateQueue({
    redisUrl,
    rate: { ratePerSecond: 1, burst: 1 },
    onError: (error) => {
      throw error;
    },
  });
  try {
    await queue.untilConnected(5_000);
    const patch = [{ op: "replace", path: "/details/notes", value: "called back" }] as const;
    const intent = { changes: { details: { notes: "called back" } } };
    for (let first = 0; first < count; first += ACCEPTED_TOGETHER) {
      const indexes = Array.from(
        { length: Math.min(ACCEPTED_TOGETHER, count - first) },
        (_, index) => first + index,
      );
      await Promise.all(
        indexes.map(async (index) => {
          const referralId = referralIdOf(index);
          await queue.ledger.accept({ referralId, intent, patch, submittedBy: "bench" });
          await queue.wake(referralId);
        }),
      );
    }
  } finally {
    await queue.close();
  }
}

async function startRival(
  rival: RivalName,
  { redisUrl, upstream }: Site,
  rateCase: RateCase,
): Promise<Started> {
  const { ratePerSecond, processes: count } = rateCase;
  const calls = callsOf(rateCase);
  if (rival.startsWith("bullmq")) {
    await fillQueue(redisUrl, calls);
  }
  const path = fileURLToPath(new URL("./rivals/rival-main.ts", import.meta.url));
  const processes = await startAll(count, (index) => {
    const task: RivalTask = {
      rival,
      redisUrl,
      upstreamUrl: upstream.url,
      ratePerSecond,
      processes: count,
      concurrency: CONCURRENCY,
      share: { first: index, step: count, end: calls },
    };
    return {
      name: `${rival} ${index + 1}`,
      nodeArguments: [path, JSON.stringify(task)],
      environment: { NODE_ENV: "production" },
      isReady: (line) => line.ready === true,
    };
  });
  await upstream.forget();
  const begunAt = monotonicMs();
  for (const process of processes) {
    process.signal("SIGUSR2");
  }
  return { processes, begunAt };
}

async function startAll(
  count: number,
  optionsOf: (index: number) => Parameters<typeof startChild>[0],
): Promise<ChildService[]> {
  const started = await Promise.all(
    Array.from({ length: count }, (_, index) => startChild(optionsOf(index))),
  );
  return started.map(({ service }) => service);
}
