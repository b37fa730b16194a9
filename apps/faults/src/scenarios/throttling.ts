import type { Scenario } from "../scenario.ts";
import { sleep, until } from "../sleep.ts";
import { WRITES } from "./answers.ts";

const ROW_OF_REFUSALS = 200;
/** ms an engine gets for that many refusals with nothing to wait for in between. */
const ROW_TIMEOUT_MS = 170_000;

/** The upstream refuses for the rate. */
export const throttlingScenarios: readonly Scenario[] = [
  ...(["seconds", "date", "absent"] as const).map(
    (retryAfter): Scenario => ({
      name: `429 storms, Retry-After ${retryAfter}`,
      load: { pauseMs: 300 },
      async trouble({ upstream, did, random }) {
        for (let storm = 0; storm < 3; storm++) {
          await sleep(random.between(300, 800));
          await upstream.misbehave({
            fault: {
              kind: "status",
              status: 429,
              retryAfter: retryAfter === "seconds" ? random.between(1, 3) : retryAfter,
            },
          });
          await sleep(random.between(1_000, 2_000));
          await upstream.behave();
          did("storms");
        }
      },
    }),
  ),
  {
    name: `${ROW_OF_REFUSALS} refusals in a row`,
    load: { referrals: 2, updates: 2 },
    async trouble({ upstream, broken }) {
      await upstream.misbehave({
        match: { ...WRITES, times: ROW_OF_REFUSALS },
        fault: { kind: "status", status: 429, retryAfter: 0 },
      });
      const areDone = async (): Promise<boolean> =>
        ((await upstream.strikes()).get("status 429") ?? 0) === ROW_OF_REFUSALS;
      if (!(await until(areDone, ROW_TIMEOUT_MS))) {
        const count = (await upstream.strikes()).get("status 429");
        broken(`only ${count} tries in ${ROW_TIMEOUT_MS / 1000} s`);
      }
    },
    check({ broken, note }, { fates }) {
      const attempts = [...fates.values()].map((fate) => fate.attempts);
      note(`attempts: ${attempts.join(", ")}`);
      if (attempts.some((count) => count > 1)) {
        broken("being throttled consumed attempts");
      }
    },
  },
];
