import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { LoadOptions } from "./load.ts";
import type { LoadSummary } from "./summary.ts";

const LOAD_MAIN = fileURLToPath(new URL("./load-main.ts", import.meta.url));

/** Runs the load in a process of its own, so that it shares no event loop with anything measured. */
export async function spawnLoad(options: LoadOptions): Promise<LoadSummary> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    LOAD_MAIN,
    JSON.stringify(options),
  ]);
  return JSON.parse(stdout) as LoadSummary;
}
