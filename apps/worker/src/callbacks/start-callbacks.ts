import type { Service } from "@patchlane/service-kit";
import type { LaneQueue } from "@patchlane/update-queue";
import type { Logger } from "pino";
import type { WorkerSettings } from "../env.ts";
import { createCallbackClient } from "./callback-client.ts";
import { CallbackRunner } from "./callback-runner.ts";
import { deliverCallback } from "./deliver-callback.ts";

/** Starts to call back whoever asked for it when a bulk update is over. */
export function startCallbacks(
  settings: WorkerSettings,
  queue: LaneQueue,
  log: Logger,
  onError: (error: unknown) => void,
): Service {
  const client = createCallbackClient({ mayBePrivate: settings.CALLBACK_ALLOW_PRIVATE });
  const edges = {
    client,
    secrets: settings.CALLBACK_SECRET ?? [],
    log,
    meters: queue.meters,
    now: Date.now,
    random: Math.random,
  };
  const runner = new CallbackRunner({
    take: (most) => queue.callbacks.take(most),
    deliver: (callback) => deliverCallback(edges, callback),
    onError,
  });
  runner.start();
  return {
    stop: async () => {
      await runner.stop();
      await client.close();
    },
  };
}
