import { fixedToken } from "@patchlane/partner-center";
import { openLaneQueue } from "@patchlane/update-queue";
import { startWorker, type WorkerSettings } from "@patchlane/worker";
import { pino } from "pino";
import { onTestFinished } from "vitest";

/** A whole worker, but for its process; stopped after the test. */
export function aWorker(options: { redisUrl: string; upstreamUrl: string }): {
  stop(): Promise<void>;
} {
  const queue = openLaneQueue({
    redisUrl: options.redisUrl,
    rate: { ratePerSecond: 1_000, burst: 10 },
    onError: () => {},
  });
  const settings = {
    PARTNER_CENTER_URL: options.upstreamUrl,
    PARTNER_CENTER_TIMEOUT_MS: 30_000,
    WORKER_CONCURRENCY: 4,
    WORKER_GATHER_MS: 0,
    CALLBACK_ALLOW_PRIVATE: true,
  } as WorkerSettings;
  const log = pino({ level: "silent" });
  const service = startWorker(settings, queue, fixedToken("simulator-token"), log);
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= service.stop();
    return stopped;
  };
  onTestFinished(stop);
  return { stop };
}
