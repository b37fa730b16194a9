import {
  accessTokens,
  createLogger,
  queueOptions,
  runService,
  startTracing,
  withTracing,
} from "@patchlane/service-kit";
import { openUpdateQueue } from "@patchlane/update-queue";
import { readEnv } from "./env.ts";
import { keepHeapSmall } from "./keep-heap-small.ts";
import { startGateway } from "./start-gateway.ts";

keepHeapSmall();
await runService(async () => {
  const settings = readEnv();
  const log = createLogger("gateway", settings.LOG_LEVEL);
  const tracing = await startTracing("patchlane-gateway", settings, log);
  const queue = openUpdateQueue(queueOptions(settings, log));
  const tokens = accessTokens(settings, queue.refreshToken);
  const service = await startGateway(settings, queue, tokens, log);
  return { service: withTracing(service, tracing), log };
});
