import { COUNT_NAMES } from "../bulk/bulk-gateway.ts";
import type { Scenario, Stage } from "../scenario.ts";
import { sleep } from "../sleep.ts";

/** Kills; more, and an upload that takes longer than the time between two of them would never get through. */
const MOST_KILLS = 6;
const UPLOAD_MS = 800;

async function killGateways({ stack, random, did }: Stage): Promise<void> {
  for (let kills = 0; kills < MOST_KILLS; kills++) {
    await sleep(random.between(200, 1_100));
    stack.gateway.signal("SIGKILL");
    await stack.gateway.exited;
    did("kills");
    await stack.restartGateway();
  }
}

/** Bulk updates while their rows are being received. */
export const bulkIntakeScenarios: readonly Scenario[] = [
  {
    name: "bulk: gateway killed while rows are received, repeated with the same key",
    bulk: { updates: 3, rows: 900, format: "csv", uploadMs: UPLOAD_MS },
    trouble: killGateways,
    async after(stage) {
      const all = await everyBulkUpdate(stage);
      if (all.length !== stage.bulk.handedIn.length) {
        stage.broken(`${all.length} bulk updates of ${stage.bulk.handedIn.length} keys`);
      }
    },
  },
  {
    name: "bulk: gateway killed while rows are received, handed in anew without a key",
    bulk: { updates: 3, rows: 900, uploadMs: UPLOAD_MS, hasKey: false },
    trouble: killGateways,
    after: checkAbandoned,
  },
  {
    name: "bulk: Redis killed and paused while rows are received",
    bulk: { updates: 3, rows: 900, uploadMs: 1_500 },
    hurtsProcesses: true,
    async trouble({ stack, random, did }) {
      for (let kills = 0; kills < MOST_KILLS; kills++) {
        await sleep(random.between(300, 1_200));
        if (random.next() < 0.5) {
          await stack.redis?.kill("SIGKILL");
          await sleep(random.between(0, 700));
          await stack.redis?.restart();
          did("kills");
        } else {
          await stack.redis?.pause();
          await sleep(random.between(300, 2_500));
          await stack.redis?.resume();
          did("pauses");
        }
      }
    },
  },
];

async function everyBulkUpdate({ bulk }: Stage) {
  for (;;) {
    const all = await bulk.gateway.all();
    if (all !== undefined) {
      return all;
    }
    await sleep(200);
  }
}

/** What was not completely received has never run; what was, and not answered, has run completely. */
async function checkAbandoned(stage: Stage): Promise<void> {
  const { bulk, upstream, note, broken } = stage;
  const cut = bulk.abandoned.filter(({ isSent }) => !isSent);
  const requests = JSON.stringify((await upstream.requests()).map(({ body }) => body));
  const ran = cut.filter(({ rows }) =>
    rows.some(({ effect }) => !effect?.isThere && requests.includes(`"${effect?.token}"`)),
  );
  if (ran.length > 0) {
    broken(`${ran.length} uploads that were cut off have run all the same`);
  }
  const known = new Set(bulk.handedIn.map(({ id }) => id));
  const others = (await everyBulkUpdate(stage)).filter(({ id }) => !known.has(id));
  const unanswered = others.filter(({ state }) => state !== "INGESTING");
  if (unanswered.length > bulk.abandoned.length - cut.length) {
    broken(`${unanswered.length} bulk updates run that nobody handed in completely`);
  }
  for (const { id, counts, state } of unanswered) {
    const sum = COUNT_NAMES.reduce((total, name) => total + counts[name], 0);
    if (counts.total !== bulk.handedIn[0]?.rows.length || sum !== counts.total) {
      broken(`${id} is ${state} with ${counts.total} rows, ${sum} counted`);
    }
  }
  note(`${cut.length} uploads cut off, ${unanswered.length} taken without an answer`);
}
