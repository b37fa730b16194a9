import type { Scenario } from "../scenario.ts";
import { sleep } from "../sleep.ts";
import type { Upstream } from "../upstream.ts";

/** So that processes are hit while writes are under way. */
async function takeTime(upstream: Upstream): Promise<void> {
  await upstream.misbehave({ fault: { kind: "latency", ms: 20, jitterMs: 100 } });
}

/** Processes die, or stand still, in random moments. */
export const processScenarios: readonly Scenario[] = [
  {
    name: "workers killed (kill -9) in random moments",
    hurtsProcesses: true,
    load: { pauseMs: 300 },
    async trouble({ stack, upstream, random, did, isGoingOn }) {
      await takeTime(upstream);
      while (isGoingOn()) {
        await sleep(random.between(200, 900));
        const alive = stack.workers.at(-random.between(1, 3));
        alive?.signal("SIGKILL");
        await alive?.exited;
        did("kills");
        await stack.startWorker();
      }
    },
  },
  {
    name: "gateway killed (kill -9) during submission",
    hurtsProcesses: true,
    load: { pauseMs: 300 },
    async trouble({ stack, upstream, random, did, isGoingOn }) {
      await takeTime(upstream);
      while (isGoingOn()) {
        await sleep(random.between(300, 900));
        stack.gateway.signal("SIGKILL");
        await stack.gateway.exited;
        did("kills");
        await stack.restartGateway();
      }
    },
  },
  {
    name: "Redis killed (kill -9) and restarted on its files",
    hurtsProcesses: true,
    load: { pauseMs: 400 },
    async trouble({ stack, upstream, random, did, isGoingOn }) {
      await takeTime(upstream);
      while (isGoingOn()) {
        await sleep(random.between(500, 1_500));
        await stack.redis?.kill("SIGKILL");
        await sleep(random.between(0, 700));
        await stack.redis?.restart();
        did("kills");
      }
    },
  },
  {
    name: "Redis paused (SIGSTOP) for seconds",
    hurtsProcesses: true,
    load: { pauseMs: 400 },
    async trouble({ stack, upstream, random, did, isGoingOn }) {
      await takeTime(upstream);
      while (isGoingOn()) {
        await sleep(random.between(300, 1_000));
        stack.redis?.pause();
        await sleep(random.between(500, 4_000));
        stack.redis?.resume();
        did("pauses");
      }
    },
  },
  {
    name: "workers paused (SIGSTOP) beyond their lease",
    hurtsProcesses: true,
    load: { pauseMs: 1_500 },
    mostAtOnce: 2,
    async trouble({ stack, upstream, random, did, isGoingOn }) {
      await takeTime(upstream);
      while (isGoingOn()) {
        await sleep(random.between(100, 500));
        const worker = stack.workers[random.between(0, stack.workers.length - 1)];
        worker?.signal("SIGSTOP");
        await sleep(random.between(17_000, 19_000));
        worker?.signal("SIGCONT");
        did("pauses");
      }
    },
  },
  {
    name: "workers stopped (SIGTERM) one after the other",
    load: { pauseMs: 300 },
    async trouble({ stack, upstream, random, did, isGoingOn }) {
      await takeTime(upstream);
      while (isGoingOn()) {
        await sleep(random.between(200, 800));
        await stack.workers.at(-random.between(1, 3))?.stop();
        did("stops");
        await stack.startWorker();
      }
    },
  },
];
