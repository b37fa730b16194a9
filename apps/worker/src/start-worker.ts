import { type AccessTokenProvider, createPartnerCenterClient } from "@patchlane/partner-center";
import {
  callSpans,
  isTracing,
  meterCalls,
  type Service,
  tracedBudget,
  tracedClient,
  warnOfLossyRedis,
} from "@patchlane/service-kit";
import type { LaneQueue } from "@patchlane/update-queue";
import type { Logger } from "pino";
import { BulkRunner } from "./bulk/bulk-runner.ts";
import { startCallbacks } from "./callbacks/start-callbacks.ts";
import type { WorkerSettings } from "./env.ts";
import type { LaneEdges } from "./lane-edges.ts";
import { probeUpstream } from "./probe-upstream.ts";
import { processLane } from "./process-lane.ts";
import { tracedLanes } from "./tracing-lanes.ts";
import { UpstreamGate } from "./upstream-gate.ts";

/** Sockets beyond one per lane in flight, interactive and bulk, which make one call at a time: for a probe, and for learning. */
const SPARE_SOCKETS = 10;

/** Wires queue and client together and starts draining. */
export function startWorker(
  settings: WorkerSettings,
  queue: LaneQueue,
  tokens: AccessTokenProvider,
  log: Logger,
): Service {
  const client = tracedClient(
    createPartnerCenterClient({
      baseUrl: settings.PARTNER_CENTER_URL,
      timeoutMs: settings.PARTNER_CENTER_TIMEOUT_MS,
      connections: 2 * settings.WORKER_CONCURRENCY + SPARE_SOCKETS,
      budget: tracedBudget(queue.budget),
      observers: [callSpans, meterCalls(queue.meters)],
      tokens,
    }),
  );
  const edges: LaneEdges = {
    lanes: isTracing() ? tracedLanes(queue.lanes, queue.bulk) : queue.lanes,
    known: queue.known,
    account: queue.account,
    client,
    tokens,
    log,
    meters: queue.meters,
    noteCalls: (bulkUpdateIds, calls) => queue.bulk.noteCalls(bulkUpdateIds, calls),
    gatherMs: settings.WORKER_GATHER_MS,
    now: Date.now,
    random: Math.random,
  };
  const gate = new UpstreamGate();
  const consumer = queue.consume({
    concurrency: settings.WORKER_CONCURRENCY,
    isPaused: true,
    process: (referralId, stopping) =>
      processLane(edges, referralId, AbortSignal.any([stopping, gate.closing])),
  });
  const onError = (error: unknown): void => log.error({ error }, "trouble with Redis, going on");
  const bulk = new BulkRunner(
    { ...edges, work: queue.bulk, survey: queue.survey, budget: queue.budget },
    onError,
  );
  bulk.start();
  gate.start({
    account: queue.account,
    consumer: {
      pause: () => {
        consumer.pause();
        bulk.pause();
      },
      resume: (most) => {
        consumer.resume(most);
        bulk.resume();
      },
    },
    probe: (signal) => probeUpstream(edges, signal),
    log,
    onError,
  });
  const callbacks = startCallbacks(settings, queue, log, onError);
  // What a former process left is found at once.
  queue.sweep().catch(onError);
  void warnOfLossyRedis(queue, log);
  const announced = queue.workers.announce();
  return {
    stop: async () => {
      gate.stop();
      await Promise.all([announced.stop(), bulk.stop(), consumer.close(), callbacks.stop()]);
      await client.close();
      await queue.close();
    },
  };
}
