import type { LocalStack } from "@patchlane/local-stack";
import { startLocalStack } from "@patchlane/local-stack";
import type { Rival } from "./rivals.ts";
import { afterRows, checkNames, type Row } from "./rows.ts";
import { type CallCounts, totalOf, UpstreamView } from "./upstream-view.ts";

/** What rows cost one of those that bring them to the upstream. */
export interface Cost {
  readonly calls: CallCounts;
  readonly total: number;
  /** Measured for Patchlane, until the last row is final; for a rival the least that its calls take at the limit. */
  readonly seconds: number;
}

/** A stack that knows nothing yet, whose upstream has so many referrals and no limit until one is set. */
export function startStack(referrals: number, ratePerSecond: number): Promise<LocalStack> {
  return startLocalStack({
    referrals,
    ratePerSecond,
    simulatorArguments: ["--limiter", "none", "--log-bodies", "off"],
  });
}

/** Patchlane with the upstream's limit in force. */
export async function costOfPatchlane(
  upstream: UpstreamView,
  ratePerSecond: number,
  bring: () => Promise<void>,
): Promise<Cost> {
  await upstream.limit(ratePerSecond);
  await upstream.forgetCalls();
  const startedAt = performance.now();
  await bring();
  const seconds = (performance.now() - startedAt) / 1_000;
  const calls = await upstream.calls();
  return { calls, total: totalOf(calls), seconds };
}

/** A rival on the referrals as they were at first, without a limit: its calls are counted, and cost what they cost at the limit. */
export async function costOfRival(
  stack: LocalStack,
  ratePerSecond: number,
  rival: Rival,
  rows: readonly Row[],
): Promise<Cost> {
  const upstream = new UpstreamView(stack);
  await upstream.reset();
  await rival(upstream.url, rows);
  const calls = await upstream.calls();
  const names = await upstream.names();
  checkNames(rival.name, names, afterRows(new Map(), rows));
  const total = totalOf(calls);
  return { calls, total, seconds: total / ratePerSecond };
}
