import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The project's processes. */
export type AppName = "gateway" | "worker" | "simulator";

/** Runs an app from its sources (`node` strips types, no build needed) or from what was built. */
export type RunFrom = "source" | "dist";

/** Arguments for `node`. Throws when `dist` is asked for and not there. */
export function appEntry(app: AppName, from: RunFrom): string[] {
  const path = (file: string): string =>
    fileURLToPath(new URL(`../../../apps/${app}/${file}`, import.meta.url));
  if (from === "source") {
    return ["--conditions=@patchlane/source", path("src/main.ts")];
  }
  const built = path("dist/main.js");
  if (!existsSync(built)) {
    throw new Error(`${app} is not built: run the build first`);
  }
  return [built];
}
