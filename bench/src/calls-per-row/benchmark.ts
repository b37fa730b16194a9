import type { Benchmark } from "../report/benchmark.ts";
import { findingsOf } from "./findings.ts";
import { PLANS } from "./sizes.ts";
import { measureSync, type SyncRound } from "./sync.ts";
import { measureUpdates, type UpdatesRound } from "./updates.ts";

const METHOD = `Upstream calls, counted by the upstream itself (the simulator: rules, ETags, a list of 100 a page), and how long they take at its
limit, which it enforces (a sliding window: so many in any second). Gateway, two workers and Redis run as always; every sync begins on an empty Redis.
Each round ends with a look whether every referral has the name it should have, whoever wrote it.

What people would write instead, with undici's \`Pool\` (16 connections kept alive):

- **read-then-write**: GET, compare, PATCH with \`If-Match\` if it differs; the vendor's advice for concurrency control, row by row.
- **blind PATCH**: every row is written, without \`If-Match\`; somebody else's change is overwritten, and unchanged rows are written all the same.
- **list-then-write**: all pages of the list, compare, PATCH with \`If-Match\` what differs; what a careful script for this one job would do.

The rivals send without a limit and are charged what their calls take at the limit at the least, so they pay nothing for pacing, a cold
start, durability or refusals; Patchlane's time is what its caller waits. They take the updates of one referral as they come, one by one.`;

export const callsPerRow: Benchmark = {
  name: "calls-per-row",
  title: "Calls per row",
  method: METHOD,
  rivals: ["undici"],
  async run({ size, say }) {
    const plan = PLANS[size];
    const { referrals, shares, ratePerSecond } = plan.sync;
    const syncs: SyncRound[][] = shares.map(() => []);
    const updates: UpdatesRound[][] = plan.updates.cases.map(() => []);
    for (let round = 1; round <= plan.rounds; round++) {
      for (const [index, share] of shares.entries()) {
        const result = await measureSync(referrals, share, ratePerSecond);
        syncs[index]?.push(result);
        const calls = [result.first, result.second].map(({ total }) => total).join(" and ");
        say(`round ${round}: ${result.changed} of ${referrals} rows change: ${calls} calls`);
      }
      const all = await measureUpdates(plan.updates.cases, plan.updates.ratePerSecond);
      for (const [index, result] of all.entries()) {
        updates[index]?.push(result);
      }
      say(`round ${round}: ${all.length} ways of updating`);
    }
    return findingsOf(plan, syncs, updates);
  },
};
