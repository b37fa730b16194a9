import type { Scenario, Stage } from "../scenario.ts";
import { sleep } from "../sleep.ts";
import { BYSTANDER, WRITES } from "./answers.ts";

/** Everything at once. */
export const stormScenarios: readonly Scenario[] = [
  {
    name: "storm: kills, lost answers, refusals and ETag races at once",
    load: { updates: 400, pauseMs: 300 },
    hurtsProcesses: true,
    async trouble(stage) {
      await Promise.all([badWeather(stage), killWorkers(stage), killTheRest(stage)]);
    },
  },
  {
    name: "bulk: storm over two bulk updates and single ones",
    load: { updates: 200, pauseMs: 500 },
    // The bystander renames: what was so at first may not be so any more.
    bulk: {
      ...{ updates: 2, rows: 800, externalShare: 0.1, thereShare: 0 },
      ...{ uploadMs: 500, hasCallback: true },
    },
    hurtsProcesses: true,
    async trouble(stage) {
      await Promise.all([badWeather(stage), killWorkers(stage), killTheRest(stage)]);
    },
  },
];

async function badWeather({ upstream, random, did, isGoingOn }: Stage): Promise<void> {
  await upstream.misbehave([
    { match: { ...WRITES, probability: 0.1 }, fault: BYSTANDER },
    ...["cutAfterWrite", "cutBeforeWrite", "truncatedBody"].map((kind) => ({
      match: { ...WRITES, probability: 0.1 },
      fault: { kind },
    })),
    { match: { probability: 0.05 }, fault: { kind: "status", status: 503, retryAfter: "absent" } },
  ]);
  while (isGoingOn()) {
    await sleep(random.between(1_500, 3_000));
    await upstream.misbehave({
      id: "refusals",
      match: { untilMs: random.between(200, 800) },
      fault: { kind: "status", status: 429, retryAfter: random.pick([1, 2, "date", "absent"]) },
    });
    did("429 storms");
  }
}

async function killWorkers({ stack, random, did, isGoingOn }: Stage): Promise<void> {
  while (isGoingOn()) {
    await sleep(random.between(500, 2_000));
    const victim = stack.workers.at(-random.between(1, 3));
    victim?.signal("SIGKILL");
    await victim?.exited;
    did("workers killed");
    await stack.startWorker();
  }
}

async function killTheRest({ stack, random, did, isGoingOn }: Stage): Promise<void> {
  while (isGoingOn()) {
    await sleep(random.between(2_000, 4_000));
    stack.gateway.signal("SIGKILL");
    await stack.gateway.exited;
    did("gateways killed");
    await stack.restartGateway();
    await sleep(random.between(2_000, 4_000));
    await stack.redis?.kill("SIGKILL");
    await stack.redis?.restart();
    did("Redis killed");
  }
}
