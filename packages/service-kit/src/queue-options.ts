import type { UpdateQueueOptions } from "@patchlane/update-queue";
import type { Logger } from "pino";
import { logSometimes } from "./quiet-errors.ts";
import type { ServiceSettings } from "./settings.ts";

/** How the settings say the queue is to be opened; its trouble goes to the log. */
export function queueOptions(settings: ServiceSettings, log: Logger): UpdateQueueOptions {
  return {
    redisUrl: settings.REDIS_URL,
    accountId: settings.ACCOUNT_ID,
    rate: {
      ratePerSecond: settings.PARTNER_CENTER_RATE,
      burst: settings.PARTNER_CENTER_BURST,
      ...(settings.PARTNER_CENTER_LEAST_RATE === undefined
        ? {}
        : { leastPerSecond: settings.PARTNER_CENTER_LEAST_RATE }),
    },
    retentionMs: settings.RETENTION_DAYS,
    ...(settings.LEDGER_KEY === undefined ? {} : { ledgerKeys: settings.LEDGER_KEY }),
    onError: logSometimes(log, "trouble with Redis, going on"),
  };
}
