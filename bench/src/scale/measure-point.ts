import { deploy, submit, untilApplied } from "./backlog.ts";
import type { Load } from "./model.ts";

/** Rows of an account before the clock starts: about a second's, so that what nothing limits runs on warm code. */
const LEAST_WARM_ROWS = 20;
const MOST_WARM_ROWS = 400;

/** Seconds a backlog takes on the real thing: every account uploads its part, at the same time, until the last one is final. */
export async function measurePoint(load: Omit<Load, "shards" | "cores">): Promise<number> {
  const deployment = await deploy(load);
  try {
    const rows = load.updates / load.accounts;
    const urls = deployment.accounts.map(({ gatewayUrl }) => gatewayUrl);
    const bring = async (count: number): Promise<void> => {
      await Promise.all(
        urls.map(async (url) => untilApplied(url, (await submit(url, count)).id, count)),
      );
    };
    await bring(Math.min(Math.max(load.ratePerSecond, LEAST_WARM_ROWS), MOST_WARM_ROWS));
    await deployment.upstream.forget();
    const startedAt = performance.now();
    await bring(rows);
    const seconds = (performance.now() - startedAt) / 1_000;
    const calls = await deployment.upstream.calls();
    if (calls.length !== load.updates) {
      throw new Error(`${load.updates} updates took ${calls.length} calls`);
    }
    return seconds;
  } finally {
    await deployment.stop();
  }
}
