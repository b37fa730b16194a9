import { fileURLToPath } from "node:url";
import { startChild } from "@patchlane/local-stack";
import type { LimitOptions } from "./limiter.ts";

/** One call as the upstream saw it. */
export interface UpstreamCall {
  readonly method: string;
  readonly referralId: string;
  /** ms on the machine's monotonic clock (`process.hrtime`), the same in every process. */
  readonly at: number;
  readonly status: number;
}

/** An upstream in a process of its own; see upstream-main. */
export interface Upstream {
  /** What `PARTNER_CENTER_URL` is set to; any bearer token is taken. */
  readonly url: string;
  readonly pid: number;
  /** Calls since the last {@link forget}. */
  calls(): Promise<UpstreamCall[]>;
  /** Empties the log; the limiter starts full. */
  forget(): Promise<void>;
  stop(): Promise<void>;
}

export const NO_LIMIT: LimitOptions = { kind: "none", ratePerSecond: 0, burst: 0, penaltyMs: 0 };

export async function startUpstream(limit: LimitOptions = NO_LIMIT): Promise<Upstream> {
  const path = fileURLToPath(new URL("./upstream-main.ts", import.meta.url));
  const { service, ready } = await startChild({
    name: "upstream",
    nodeArguments: [path, JSON.stringify(limit)],
    environment: {},
    isReady: (line) => line.ready === true,
  });
  const url = String(ready.url);
  const log = new URL("/log", url);
  return {
    url,
    pid: service.pid,
    calls: async () => {
      const calls = (await (await fetch(log)).json()) as [string, string, number, number][];
      return calls.map(([method, referralId, at, status]) => ({ method, referralId, at, status }));
    },
    forget: async () => {
      await (await fetch(log, { method: "DELETE" })).text();
    },
    stop: () => service.stop(),
  };
}
