import type { Scenario } from "../scenario.ts";

/** PATCHes one referral may need for a hundred updates that queue behind a slow upstream. */
const MOST_WRITES = 12;

/** The upstream is slow, so updates gather. */
export const foldingScenarios: readonly Scenario[] = [
  {
    name: "1,000 updates on 10 referrals behind a slow upstream",
    load: { referrals: 10, updates: 1_000 },
    async trouble({ upstream }) {
      await upstream.misbehave({ fault: { kind: "latency", ms: 1_000, jitterMs: 1_000 } });
    },
    check({ note, broken }, { requests }, { largestFold }) {
      const writes = requests.filter(({ method }) => method === "PATCH");
      const perReferral = [...Map.groupBy(writes, ({ referralId }) => referralId).values()];
      const most = Math.max(...perReferral.map(({ length }) => length));
      note(`at most ${most} PATCHes a referral, up to ${largestFold} updates in one`);
      if (most > MOST_WRITES) {
        broken(`${most} PATCHes for one referral`);
      }
    },
  },
];
