import { checkSignIn, readSettings, serviceSettings } from "@patchlane/service-kit";
import { z } from "zod";

const schema = z.object({
  ...serviceSettings,
  WORKER_CONCURRENCY: z.coerce.number("must be a number").int().min(1).max(1_000).default(16),
  WORKER_GATHER_MS: z.coerce.number("must be a number").int().min(0).max(60_000).default(0),
});

export type WorkerSettings = z.output<typeof schema>;

/** The only place of this app that reads the environment. Throws `SettingsError`. */
export function readEnv(): WorkerSettings {
  return readSettings(schema, process.env, [checkSignIn]);
}
