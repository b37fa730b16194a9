import { type AccessTokenProvider, createPartnerCenterClient } from "@patchlane/partner-center";
import { type Service, warnOfLossyRedis } from "@patchlane/service-kit";
import type { LaneQueue } from "@patchlane/update-queue";
import type { Logger } from "pino";
import type { WorkerSettings } from "./env.ts";
import type { LaneEdges } from "./lane-edges.ts";
import { processLane } from "./process-lane.ts";

/** Sockets beyond one per lane in flight: reads and writes of one lane never overlap, renewals may. */
const SPARE_SOCKETS = 2;

/** Wires queue and client together and starts draining. */
export function startWorker(
  settings: WorkerSettings,
  queue: LaneQueue,
  tokens: AccessTokenProvider,
  log: Logger,
): Service {
  const client = createPartnerCenterClient({
    baseUrl: settings.PARTNER_CENTER_URL,
    timeoutMs: settings.PARTNER_CENTER_TIMEOUT_MS,
    connections: settings.WORKER_CONCURRENCY + SPARE_SOCKETS,
    budget: queue.budget,
    tokens,
  });
  const edges: LaneEdges = {
    lanes: queue.lanes,
    known: queue.known,
    account: queue.account,
    client,
    tokens,
    log,
    gatherMs: settings.WORKER_GATHER_MS,
    now: Date.now,
    random: Math.random,
  };
  const consumer = queue.consume({
    concurrency: settings.WORKER_CONCURRENCY,
    process: (referralId, stopping) => processLane(edges, referralId, stopping),
  });
  void warnOfLossyRedis(queue, log);
  return {
    stop: async () => {
      await consumer.close();
      await client.close();
      await queue.close();
    },
  };
}
