import {
  accessTokens,
  createLogger,
  queueOptions,
  runService,
  startTracing,
  withTracing,
} from "@patchlane/service-kit";
import { openLaneQueue } from "@patchlane/update-queue";
import { readEnv } from "./env.ts";
import { startWorker } from "./start-worker.ts";

await runService(async () => {
  const settings = readEnv();
  const log = createLogger("worker", settings.LOG_LEVEL);
  const tracing = await startTracing("patchlane-worker", settings, log);
  const queue = openLaneQueue(queueOptions(settings, log));
  const tokens = accessTokens(settings, queue.refreshToken);
  const service = startWorker(settings, queue, tokens, log);
  log.info(
    { concurrency: settings.WORKER_CONCURRENCY, ratePerSecond: settings.PARTNER_CENTER_RATE },
    "worker ready",
  );
  return { service: withTracing(service, tracing), log };
});
