import type { BulkView } from "../bulk/bulk-gateway.ts";
import { isOver } from "../bulk/check-bulk.ts";
import type { Scenario, Stage } from "../scenario.ts";
import { sleep, until } from "../sleep.ts";
import { WRITES } from "./answers.ts";

/** ms the leader of the bulk updates may be the process just killed, and until the next one goes on. */
const PATIENCE_MS = 60_000;
/** ms in which what was being sent when a pause was answered comes to its end. */
const ON_THE_WAY_MS = 1_500;
/** Upstream calls a second that leave time to pause and cancel what is under way. */
const SLOW_RATE = 30;
/** Longest ms an interactive update may take beside bulk updates of a thousand rows, on a loaded machine. */
const INTERACTIVE_MS = 5_000;

async function takeTime({ upstream }: Stage): Promise<void> {
  await upstream.misbehave({ fault: { kind: "latency", ms: 20, jitterMs: 60 } });
}

async function killWorker({ stack, random, did }: Stage): Promise<void> {
  const alive = stack.workers.at(-random.between(1, 3));
  alive?.signal("SIGKILL");
  await alive?.exited;
  did("workers killed");
  await stack.startWorker();
}

async function killRedis({ stack, random, did }: Stage): Promise<void> {
  await stack.redis?.kill("SIGKILL");
  await sleep(random.between(0, 700));
  await stack.redis?.restart();
  did("Redis killed");
}

/** Bulk updates on their way. */
export const bulkScenarios: readonly Scenario[] = [
  {
    name: "bulk: workers killed (kill -9) while planning and sending",
    bulk: { updates: 2, rows: 1_200, externalShare: 0.2, hasCallback: true },
    hurtsProcesses: true,
    async trouble(stage) {
      await takeTime(stage);
      while (stage.isGoingOn()) {
        await sleep(stage.random.between(200, 1_500));
        await killWorker(stage);
      }
    },
  },
  {
    name: "bulk: Redis killed (kill -9) while planning and sending",
    bulk: { updates: 2, rows: 1_200, externalShare: 0.2, hasCallback: true },
    hurtsProcesses: true,
    async trouble(stage) {
      await takeTime(stage);
      while (stage.isGoingOn()) {
        await sleep(stage.random.between(500, 2_000));
        await killRedis(stage);
      }
    },
  },
  {
    name: "bulk: answers lost after the write, appends included",
    bulk: { rows: 1_000, appendShare: 0.8, thereShare: 0.1 },
    async trouble({ upstream }) {
      await upstream.misbehave({
        match: { ...WRITES, probability: 0.3 },
        fault: { kind: "cutAfterWrite" },
      });
      await upstream.misbehave({
        match: { ...WRITES, probability: 0.1 },
        fault: { kind: "status", status: 504, isApplied: true },
      });
    },
  },
  {
    name: "bulk: paused, resumed and cancelled while workers and gateway are killed",
    // What is paused is passed by what is not: in one lane the order would be another one.
    bulk: { updates: 2, rows: 1_000, isApart: true },
    stack: { ratePerSecond: SLOW_RATE },
    hurtsProcesses: true,
    mayCancel: true,
    async trouble(stage) {
      await takeTime(stage);
      const handedIn = (nth: number): Promise<boolean> =>
        until(() => stage.bulk.handedIn[nth] !== undefined, PATIENCE_MS);
      await Promise.all([
        handedIn(0).then(() => pauseAndResume(stage, stage.bulk.handedIn[0]?.id ?? "")),
        handedIn(1).then(() => cancelLater(stage, stage.bulk.handedIn[1]?.id ?? "")),
      ]);
    },
  },
  {
    name: "bulk: two bulk updates beside interactive ones",
    bulk: { updates: 2, rows: 1_500, referrals: 1_000 },
    load: { referrals: 10, updates: 60, pauseMs: 300, isOneByOne: true },
    async trouble(stage) {
      await stage.submitted;
      const done = (await stage.bulk.look()).map(rowsDone);
      stage.note(`${done.join(" and ")} rows done when all interactive ones were`);
      await bothMove(stage);
      const { longestMs } = stage.submitter;
      stage.note(`interactive ones took ${longestMs.toFixed(0)} ms at most`);
      if (longestMs > INTERACTIVE_MS) {
        stage.broken(`an interactive update took ${longestMs.toFixed(0)} ms beside bulk updates`);
      }
    },
  },
  {
    name: "bulk: single updates of the same referrals, behind the rows and among them",
    bulk: { updates: 2, rows: 800, isShared: true },
    load: { referrals: 60, updates: 300 },
    hurtsProcesses: true,
    async trouble(stage) {
      await takeTime(stage);
      while (stage.isGoingOn()) {
        await sleep(stage.random.between(700, 2_000));
        await killWorker(stage);
      }
    },
  },
];

function rowsDone(view: BulkView | undefined): number {
  return (view?.counts.applied ?? 0) + (view?.counts.unchanged ?? 0);
}

/** None has to wait until another one is over. */
async function bothMove({ bulk, broken }: Stage): Promise<void> {
  let isOneOver = false;
  const doAllMove = await until(async () => {
    const views = await bulk.look();
    const isMoving = views.every((view) => rowsDone(view) > 0);
    isOneOver ||= !isMoving && views.some((view) => view !== undefined && isOver(view));
    return isMoving || isOneOver;
  }, PATIENCE_MS);
  if (isOneOver || !doAllMove) {
    broken("one of two bulk updates stood still until the other was over");
  }
}

async function pauseAndResume(stage: Stage, id: string): Promise<void> {
  const { bulk, did, broken, note } = stage;
  await until(async () => (await appliedOf(stage, id)) >= 30, PATIENCE_MS);
  if ((await bulk.gateway.act("pause", id)) === undefined) {
    note("too late to pause it");
    return;
  }
  did("pauses");
  await sleep(ON_THE_WAY_MS);
  const before = await tokensWritten(stage, id);
  await killWorker(stage);
  await killWorker(stage);
  await sleep(2_000);
  const after = await tokensWritten(stage, id);
  if (after !== before) {
    broken(`${after - before} rows of a paused bulk update were written`);
  }
  note(`${before} rows written when it was paused`);
  await bulk.gateway.act("resume", id);
}

async function cancelLater(stage: Stage, id: string): Promise<void> {
  const { bulk, stack, did, note } = stage;
  await until(async () => (await appliedOf(stage, id)) >= 60, PATIENCE_MS);
  const cancelled = bulk.gateway.act("cancel", id);
  stack.gateway.signal("SIGKILL"); // before, while or after it is done
  await stack.gateway.exited;
  did("gateways killed");
  await stack.restartGateway();
  await cancelled;
  const over = await until(async () => (await openOf(stage, id)) === 0, PATIENCE_MS);
  const view = await bulk.gateway.view(id);
  note(`cancelled: ${view === "gone" ? "gone" : JSON.stringify(view?.counts)}`);
  if (!over) {
    stage.broken(`a cancelled bulk update has rows left: ${JSON.stringify(view)}`);
  }
}

async function appliedOf({ bulk }: Stage, id: string): Promise<number> {
  const view = await bulk.gateway.view(id);
  return view === undefined || view === "gone" ? 0 : view.counts.applied;
}

async function openOf({ bulk }: Stage, id: string): Promise<number> {
  const view = await bulk.gateway.view(id);
  return view === undefined || view === "gone" ? 1 : view.counts.queued + view.counts.sending;
}

/** Values of a bulk update's rows that the upstream was sent. */
async function tokensWritten({ bulk, upstream }: Stage, id: string): Promise<number> {
  const rows = bulk.handedIn.find((one) => one.id === id)?.rows ?? [];
  const bodies = JSON.stringify((await upstream.requests()).map(({ body }) => body));
  return rows.filter(({ effect }) => !effect?.isThere && bodies.includes(`"${effect?.token}"`))
    .length;
}
