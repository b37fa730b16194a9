import { type Cost, costOfPatchlane, costOfRival, startStack } from "./measured.ts";
import { bulkUpdate } from "./patchlane.ts";
import { blindWrite, listThenWrite, readThenWrite } from "./rivals.ts";
import { afterRows, checkNames, type Row, syncRows } from "./rows.ts";
import { UpstreamView } from "./upstream-view.ts";

/** One bulk update of a row for every referral there is, by each of those that can make it. */
export interface SyncRound {
  readonly share: number;
  readonly rows: number;
  readonly changed: number;
  /** Patchlane, with nothing known. */
  readonly first: Cost;
  /** Patchlane, right after, with other rows changed. */
  readonly second: Cost;
  readonly listThenWrite: Cost;
  readonly readThenWrite: Cost;
  readonly blindWrite: Cost;
}

export async function measureSync(
  referrals: number,
  share: number,
  ratePerSecond: number,
): Promise<SyncRound> {
  const stack = await startStack(referrals, ratePerSecond);
  try {
    const upstream = new UpstreamView(stack);
    const atFirst = await upstream.names();
    const rows = syncRows(atFirst, share, 0, "(first)");
    const afterFirst = afterRows(atFirst, rows);
    const rowsRightAfter = syncRows(afterFirst, share, Math.floor(referrals / 2), "(second)");
    const changed = Math.floor(referrals * share);

    const sync = async (given: readonly Row[]): Promise<Cost> => {
      let counted = 0;
      const cost = await costOfPatchlane(upstream, ratePerSecond, async () => {
        const end = await bulkUpdate(stack.gatewayUrl, given);
        counted = end.upstreamCalls;
        if (end.applied !== changed || end.unchanged !== referrals - changed) {
          throw new Error(`${changed} of ${referrals} rows change: ${JSON.stringify(end)}`);
        }
      });
      if (cost.calls.refused === 0 && counted !== cost.total) {
        throw new Error(`Patchlane counts ${counted} calls of its own, the upstream ${cost.total}`);
      }
      return cost;
    };
    const first = await sync(rows);
    const second = await sync(rowsRightAfter);
    checkNames("Patchlane", await upstream.names(), afterRows(afterFirst, rowsRightAfter));
    return {
      share,
      rows: referrals,
      changed,
      first,
      second,
      listThenWrite: await costOfRival(stack, ratePerSecond, listThenWrite, rows),
      readThenWrite: await costOfRival(stack, ratePerSecond, readThenWrite, rows),
      blindWrite: await costOfRival(stack, ratePerSecond, blindWrite, rows),
    };
  } finally {
    await stack.stop();
  }
}
