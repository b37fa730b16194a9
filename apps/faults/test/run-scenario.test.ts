import { expect, test } from "vitest";
import { runScenario } from "../src/run-scenario.ts";
import type { Stage } from "../src/scenario.ts";
import { until } from "../src/sleep.ts";

const TIMEOUT_MS = 120_000;
const LOAD = { referrals: 2, updates: 4 };

function pidsOf({ stack }: Stage): number[] {
  const services = [stack.simulator, stack.gateway, ...stack.workers];
  return [...services.map(({ pid }) => pid), stack.redis?.pid ?? -1];
}

test(
  "a scenario that fails is reported as such and leaves no process behind, paused ones included",
  async () => {
    const pids: number[] = [];
    const run = runScenario(
      {
        name: "fails",
        load: LOAD,
        async trouble(stage) {
          pids.push(...pidsOf(stage));
          stage.stack.workers[0]?.signal("SIGSTOP");
          stage.stack.workers[1]?.signal("SIGKILL");
          await stage.stack.redis?.pause();
          throw new Error("the scenario itself is wrong");
        },
      },
      1,
    );
    await expect(run).rejects.toThrow("the scenario itself is wrong");
    expect(pids).toHaveLength(6);
    for (const pid of pids) {
      expect(() => process.kill(pid, 0)).toThrow();
    }
  },
  TIMEOUT_MS,
);

test(
  "what got lost upstream is found out",
  async () => {
    const report = await runScenario(
      {
        name: "somebody empties a team",
        load: { ...LOAD, appendShare: 1, repeatShare: 0 },
        async trouble({ stack, upstream, referralIds, isGoingOn }) {
          await until(() => !isGoingOn(), TIMEOUT_MS);
          const [id = ""] = referralIds;
          const referral = (await upstream.referrals([id])).get(id);
          const body = JSON.stringify({ ...referral, team: [] });
          await fetch(`${stack.controlUrl}/referrals/${id}`, { method: "PUT", body });
        },
        check: ({ broken }) => broken("a promise of its own"),
      },
      1,
    );
    expect(report.verdict).toMatchObject({ accepted: 4, applied: 4 });
    expect(report.broken).toEqual([
      expect.stringMatching(/^2 lost: value-0-0@fault.example is not in the team; /),
      "a promise of its own",
    ]);
  },
  TIMEOUT_MS,
);
