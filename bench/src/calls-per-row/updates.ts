import { type Cost, costOfPatchlane, costOfRival, startStack } from "./measured.ts";
import { bulkUpdate, mutationsAtOnce, mutationsInTurn } from "./patchlane.ts";
import { blindWrite, readThenWrite } from "./rivals.ts";
import { afterRows, checkNames, type Row, updateRows } from "./rows.ts";
import { UpstreamView } from "./upstream-view.ts";

/** How updates reach Patchlane. */
export type Way = "bulk" | "atOnce" | "inTurn";

const BRING: Record<Way, (gatewayUrl: string, rows: readonly Row[]) => Promise<unknown>> = {
  bulk: bulkUpdate,
  atOnce: mutationsAtOnce,
  inTurn: mutationsInTurn,
};

export interface UpdatesCase {
  readonly way: Way;
  readonly perReferral: number;
  readonly referrals: number;
}

/** The same updates, every one of which changes something, by each of those that can make them. */
export interface UpdatesRound extends UpdatesCase {
  readonly updates: number;
  readonly patchlane: Cost;
  readonly readThenWrite: Cost;
  readonly blindWrite: Cost;
}

/** The cases one after another on one stack: what it knows of the referrals saves nothing, as every update changes them. */
export async function measureUpdates(
  cases: readonly UpdatesCase[],
  ratePerSecond: number,
): Promise<UpdatesRound[]> {
  const most = Math.max(...cases.map(({ referrals }) => referrals));
  const stack = await startStack(most, ratePerSecond);
  try {
    const upstream = new UpstreamView(stack);
    const ids = [...(await upstream.names()).keys()];
    const ours: { rows: Row[]; patchlane: Cost }[] = [];
    for (const { way, perReferral, referrals } of cases) {
      const rows = updateRows(ids.slice(0, referrals), perReferral, `${way} ${perReferral}`);
      const patchlane = await costOfPatchlane(upstream, ratePerSecond, async () => {
        await BRING[way](stack.gatewayUrl, rows);
      });
      checkNames("Patchlane", await upstream.names(), afterRows(new Map(), rows));
      ours.push({ rows, patchlane });
    }
    const results: UpdatesRound[] = [];
    // Only now: the upstream begins anew for each of them, which Patchlane would take for somebody else's changes.
    for (const [index, { rows, patchlane }] of ours.entries()) {
      results.push({
        ...(cases[index] as UpdatesCase),
        updates: rows.length,
        patchlane,
        readThenWrite: await costOfRival(stack, ratePerSecond, readThenWrite, rows),
        blindWrite: await costOfRival(stack, ratePerSecond, blindWrite, rows),
      });
    }
    return results;
  } finally {
    await stack.stop();
  }
}
