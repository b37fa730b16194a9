import { accessTokens, createLogger, logSometimes, runService } from "@patchlane/service-kit";
import { openUpdateQueue } from "@patchlane/update-queue";
import { readEnv } from "./env.ts";
import { startGateway } from "./start-gateway.ts";

await runService(async () => {
  const settings = readEnv();
  const log = createLogger("gateway", settings.LOG_LEVEL);
  const queue = openUpdateQueue({
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
  return { service: await startGateway(settings, queue, tokens, log), log };
});
