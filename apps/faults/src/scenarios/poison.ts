import { POISON } from "../load.ts";
import type { Scenario } from "../scenario.ts";
import { WRITES } from "./answers.ts";

/** PATCHes an update, with one in forty poisonous: bisection needs about a third, one by one needs one. */
const MOST_WRITES_AN_UPDATE = 0.6;

/** What our checks let through and the upstream refuses. */
export const poisonScenarios: readonly Scenario[] = [
  {
    name: "poison updates inside folded PATCHes",
    load: { referrals: 10, updates: 400, poisonShare: 0.03 },
    isLasting: true,
    async trouble({ upstream }) {
      await upstream.misbehave({ match: WRITES, fault: { kind: "latency", ms: 300 } });
      await upstream.misbehave({
        match: { ...WRITES, bodyPattern: POISON },
        fault: { kind: "status", status: 400 },
      });
    },
    check({ note, broken }, { accepted }, { calls, failed }) {
      const poisonous = accepted.filter(({ isPoison }) => isPoison).length;
      const share = calls.writes / accepted.length;
      note(`${poisonous} poisonous, ${failed} failed, ${share.toFixed(2)} writes an update`);
      if (share > MOST_WRITES_AN_UPDATE) {
        broken(`${share.toFixed(2)} writes an update to find the poisonous ones`);
      }
    },
  },
];
