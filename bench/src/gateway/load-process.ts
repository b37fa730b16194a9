import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { LoadOptions } from "./load.ts";
import type { LoadSummary } from "./summary.ts";

const LOAD_MAIN = fileURLToPath(new URL("./load-main.ts", import.meta.url));

/** The load in a process of its own, so that it shares no event loop with anything measured. */
export interface LoadProcess {
  /** One run at a time. Rejects when the process ends instead. */
  run(options: LoadOptions): Promise<LoadSummary>;
  stop(): Promise<void>;
}

export function startLoadProcess(): LoadProcess {
  const child = fork(LOAD_MAIN, { execArgv: [] });
  const ended = once(child, "exit");
  const gone = ended.then(() => {
    throw new Error("the load's process ended");
  });
  gone.catch(() => undefined);
  return {
    run: async (options) => {
      const answer = once(child, "message");
      child.send(options);
      const [summary] = (await Promise.race([answer, gone])) as [LoadSummary];
      return summary;
    },
    stop: async () => {
      if (child.connected) {
        child.disconnect();
      }
      await ended;
    },
  };
}
