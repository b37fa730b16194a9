/** What workers metered of interactive calls' waits for their moments in the rate budget, from the permit asked for to leaving. */
export interface MeteredWait {
  readonly calls: number;
  readonly seconds: number;
}

/** What a process counted reaches /metrics after at most so long (ms). */
export const METERS_AGE_MS = 1_500;

/** Everything until {@link METERS_AGE_MS} ago. */
export async function meteredWait(gatewayUrl: string): Promise<MeteredWait> {
  const metrics = await (await fetch(new URL("/metrics", gatewayUrl))).text();
  const of = (part: "sum" | "count"): number => {
    const line = `^patchlane_budget_wait_seconds_${part}\\{[^}]*priority="interactive"[^}]*\\} (\\S+)$`;
    return Number(new RegExp(line, "m").exec(metrics)?.[1] ?? 0);
  };
  return { calls: of("count"), seconds: of("sum") };
}

/** Mean ms of the calls between two looks; NaN when there were none. */
export function meanWaitMs(before: MeteredWait, after: MeteredWait): number {
  return ((after.seconds - before.seconds) * 1_000) / (after.calls - before.calls);
}
