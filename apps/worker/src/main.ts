import { accessTokens, createLogger, logSometimes, runService } from "@patchlane/service-kit";
import { openLaneQueue } from "@patchlane/update-queue";
import { readEnv } from "./env.ts";
import { startWorker } from "./start-worker.ts";

await runService(async () => {
  const settings = readEnv();
  const log = createLogger("worker", settings.LOG_LEVEL);
  const queue = openLaneQueue({
    redisUrl: settings.REDIS_URL,
    accountId: settings.ACCOUNT_ID,
    rate: {
      ratePerSecond: settings.PARTNER_CENTER_RATE,
      burst: settings.PARTNER_CENTER_BURST,
    },
    retentionMs: settings.RETENTION_DAYS,
    ...(settings.LEDGER_KEY === undefined ? {} : { ledgerKeys: settings.LEDGER_KEY }),
    onError: logSometimes(log, "trouble with Redis, going on"),
  });
  const tokens = accessTokens(settings, queue.refreshToken);
  const service = startWorker(settings, queue, tokens, log);
  log.info(
    { concurrency: settings.WORKER_CONCURRENCY, ratePerSecond: settings.PARTNER_CENTER_RATE },
    "worker ready",
  );
  return { service, log };
});
