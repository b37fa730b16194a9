import { fileURLToPath } from "node:url";
import type { Scenario, Stage } from "../scenario.ts";
import { sleep } from "../sleep.ts";
import { WRITES } from "./answers.ts";

const PRELOAD = fileURLToPath(new URL("../preload/clock-step.ts", import.meta.url));
/** Once through the preload's offsets, and no further: what a wrong clock left must not be mended by the next one. */
const STEPS = 4;
const FAILING_MS = 2_000;
/** Reading a wrong clock may cost a retry or two, not the size of the step. */
const SETTLE_WITHIN_MS = 15_000;

/** One process's wall clock jumps an hour ahead, back, an hour behind, and ten minutes ahead. */
export const clockScenarios: readonly Scenario[] = [
  clockScenario("a worker", ({ stack }) => stack.workers[0]?.signal("SIGUSR2")),
  clockScenario("the gateway", ({ stack }) => stack.gateway.signal("SIGUSR2")),
];

function clockScenario(whose: string, step: (stage: Stage) => void): Scenario {
  return {
    name: `clock steps on ${whose}`,
    stack: { settings: { NODE_OPTIONS: `--import=${PRELOAD}` } },
    load: { updates: 400, pauseMs: 600 },
    settleWithinMs: SETTLE_WITHIN_MS,
    async trouble(stage) {
      const { upstream, random, did } = stage;
      await upstream.misbehave({
        match: { ...WRITES, probability: 0.02 },
        fault: { kind: "status", status: 429, retryAfter: "date" },
      });
      for (let steps = 0; steps < STEPS; steps++) {
        await sleep(random.between(1_000, 2_000));
        // Failures make lanes wait for a moment in the future: it must not move with the clock.
        await upstream.misbehave({
          id: "failures",
          match: { ...WRITES, untilMs: FAILING_MS },
          fault: { kind: "status", status: 503, retryAfter: "absent" },
        });
        await sleep(FAILING_MS * random.next());
        step(stage);
        did("clock steps");
      }
    },
  };
}
