import type { Cell, Findings, Goal, Table } from "../report/benchmark.ts";
import { ratioOf, type Spread, spreadOf } from "../report/spread.ts";
import type { Producer } from "./accepts.ts";
import type { DrainResult } from "./drains.ts";
import { DRAINS, type EngineResults, PRODUCERS } from "./measure.ts";
import type { Taker, UploadResult } from "./uploads.ts";

/** What was aimed for. */
const LEAST_INTAKE_RATIO = 0.5;
const LEAST_DRAIN_RATIO = 0.8;
const MOST_WAITING_BYTES = 1_500;

const PRODUCER_NAMES: Record<Producer, string> = {
  patchlane: "Patchlane: accept and wake",
  bullmq: "BullMQ `add`",
  list: "`RPUSH` of the update as JSON",
};
const TAKERS: Record<Taker, string> = {
  "patchlane, NDJSON": "Patchlane, an NDJSON upload through the gateway",
  "patchlane, CSV": "Patchlane, a CSV upload through the gateway",
  addBulk: "BullMQ `addBulk`, a thousand at a time",
  "addBulk, everysec": "the same with `appendfsync everysec`",
  list: "pipelined `RPUSH` of the same lines",
};
const BULLMQ_PATCH = "BullMQ, a PATCH a job";

export function findingsOf(results: EngineResults): Findings {
  return {
    rounds: results.rounds,
    tables: [acceptTable(results), uploadTable(results), drainTable(results), growthTable(results)],
    goals: [intakeGoal(results), ...drainGoals(results), memoryGoal(results)],
  };
}

function acceptTable({ single, fifty }: EngineResults): Table {
  return {
    title: "Accepted updates a second, one at a time from the queue's package",
    note: "Every answer means that the update is on Redis' disk. Ratios are against BullMQ's `add`.",
    columns: [
      { head: "who" },
      { head: "one after the other, a second" },
      { head: "ratio", digits: 2 },
      { head: "50 under way, a second" },
      { head: "ratio", digits: 2 },
    ],
    rows: PRODUCERS.map((producer) => [
      PRODUCER_NAMES[producer],
      ...[single, fifty].flatMap((rates): Cell[] => {
        const own = rates.get(producer) ?? [];
        return [spreadOf(own), ratioOf(own, rates.get("bullmq") ?? [])];
      }),
    ]),
  };
}

const rateOf = ({ perSecond }: { perSecond: number }): number => perSecond;

function uploadsOf({ uploads }: EngineResults, taker: Taker): readonly UploadResult[] {
  return uploads.get(taker) ?? [];
}

function uploadTable(results: EngineResults): Table {
  const rival = uploadsOf(results, "addBulk").map(rateOf);
  return {
    title: "Rows a second in bulk",
    note: "Patchlane's are read from HTTP, parsed and checked, and stand in their lanes when the upload is answered; its rivals are handed objects.",
    columns: [
      { head: "who" },
      { head: "rows a second" },
      { head: "against `addBulk`", digits: 2 },
      { head: "bytes of Redis a waiting row" },
      { head: "gateway's memory, MB more" },
    ],
    rows: (Object.keys(TAKERS) as Taker[]).map((taker) => {
      const own = uploadsOf(results, taker);
      return [
        TAKERS[taker],
        spreadOf(own.map(rateOf)),
        ratioOf(own.map(rateOf), rival),
        spreadIfAny(own.map(({ waitingBytes }) => waitingBytes)),
        spreadIfAny(own.map(({ memoryMb }) => memoryMb)),
      ];
    }),
  };
}

function spreadIfAny(samples: readonly (number | undefined)[]): Spread | null {
  const known = samples.filter((sample) => sample !== undefined);
  return known.length === 0 ? null : spreadOf(known);
}

function drainTable({ drains }: EngineResults): Table {
  const rival = (drains.get(BULLMQ_PATCH) ?? []).map(rateOf);
  const of = (results: readonly DrainResult[], key: keyof DrainResult): Spread =>
    spreadOf(results.map((result) => result[key]));
  return {
    title: "Updates drained a second by one worker, upstream at no cost",
    note: "Two cores for worker, Redis and upstream together. `calls` are PATCHes an update.",
    columns: [
      { head: "who" },
      { head: "updates a second" },
      { head: "against BullMQ's PATCH a job", digits: 2 },
      { head: "calls", digits: 2 },
      { head: "worker, CPU µs an update" },
      { head: "Redis, CPU µs an update" },
      { head: "bytes of Redis an update that is over" },
    ],
    rows: DRAINS.map(({ name, drainer }) => {
      const own = drains.get(name) ?? [];
      return [
        name,
        of(own, "perSecond"),
        ratioOf(own.map(rateOf), rival),
        of(own, "calls"),
        of(own, "workerCpuUs"),
        of(own, "redisCpuUs"),
        drainer === "patchlane" ? of(own, "finishedBytes") : null,
      ];
    }),
  };
}

function growthTable({ growth: { patchlane, bullmq } }: EngineResults): Table {
  return {
    title: "How it grows: with so many updates waiting, each on a referral of its own",
    note: "Three looks at every size, one after the other; ratios against BullMQ with as many jobs waiting.",
    columns: [
      { head: "waiting" },
      { head: "accepted a second, 50 under way" },
      { head: "ratio to `add`", digits: 2 },
      { head: "drained a second" },
      { head: "ratio to a PATCH a job", digits: 2 },
      { head: "bytes of Redis, one waiting" },
      { head: "BullMQ's" },
    ],
    rows: patchlane.map((point, index) => {
      const rival = bullmq[index];
      return [
        point.waiting,
        spreadOf(point.acceptsPerSecond),
        ratioOf(point.acceptsPerSecond, rival?.acceptsPerSecond ?? []),
        spreadOf(point.drainedPerSecond),
        ratioOf(point.drainedPerSecond, rival?.drainedPerSecond ?? []),
        point.waitingBytes ?? null,
        rival?.waitingBytes ?? null,
      ];
    }),
  };
}

const twoDigits = (value: number): string => value.toFixed(2);

function intakeGoal(results: EngineResults): Goal {
  const rival = uploadsOf(results, "addBulk").map(rateOf);
  const lossy = uploadsOf(results, "addBulk, everysec").map(rateOf);
  const ratios = (["patchlane, NDJSON", "patchlane, CSV"] as const).map((taker) =>
    ratioOf(uploadsOf(results, taker).map(rateOf), lossy),
  );
  const same = (["patchlane, NDJSON", "patchlane, CSV"] as const).map((taker) =>
    ratioOf(uploadsOf(results, taker).map(rateOf), rival),
  );
  const least = Math.min(...ratios.map(({ median }) => median));
  return {
    text: `bulk intake at least ${LEAST_INTAKE_RATIO} of bare \`addBulk\`, every row on disk before the answer while \`addBulk\` may lose a second`,
    measured: `${ratios.map(({ median }) => twoDigits(median)).join(" (NDJSON), ")} (CSV); with the same durability ${same.map(({ median }) => twoDigits(median)).join(" and ")}`,
    isMet: least >= LEAST_INTAKE_RATIO,
    why: "A row is checked, and has a record, a place in its lane and one in its bulk update.",
  };
}

function drainGoals({ drains }: EngineResults): Goal[] {
  const rival = (drains.get(BULLMQ_PATCH) ?? []).map(rateOf);
  return DRAINS.filter(({ drainer }) => drainer === "patchlane").map(({ name, perReferral }) => {
    const { median } = ratioOf((drains.get(name) ?? []).map(rateOf), rival);
    return {
      text: `drain at least ${LEAST_DRAIN_RATIO} of bare BullMQ's with a PATCH a job: ${perReferral} ${perReferral === 1 ? "update" : "updates"} a referral`,
      measured: twoDigits(median),
      isMet: median >= LEAST_DRAIN_RATIO,
      why: perReferral === 1 ? WHY_DRAIN_IS_SLOWER : WHY_FOLDED_DRAIN_IS_SLOWER,
    };
  });
}

const WHY_DRAIN_IS_SLOWER =
  "With nothing to fold, an update costs what BullMQ's job costs (a wake-up, a PATCH) and a claim, a fence, the budget, a record of the " +
  "attempt, of the outcome, of the audit and of the referral's new state on top, each durable before the next. What that buys is the list of " +
  "promises; what it costs only shows where the upstream takes more than some hundred calls a second from one account.";

const WHY_FOLDED_DRAIN_IS_SLOWER =
  "One PATCH carries all updates of a referral, where BullMQ makes one for each; every update still has a record of its own, of what it was, what " +
  "became of it and its audit entry.";

function memoryGoal({ uploads, growth }: EngineResults): Goal {
  const rows = (uploads.get("patchlane, NDJSON") ?? []).flatMap(
    ({ waitingBytes }) => waitingBytes ?? [],
  );
  const row = spreadOf(rows).median;
  const alone = Math.max(...growth.patchlane.flatMap(({ waitingBytes }) => waitingBytes ?? []));
  return {
    text: "at most 1.5 kB of Redis a waiting update",
    measured: `${Math.round(row)} bytes a row of a bulk update, ${Math.round(alone)} an update that came alone, its wake-up included`,
    isMet: Math.max(row, alone) <= MOST_WAITING_BYTES,
    why: "BullMQ's job for the wake-up is more than half of what one that came alone takes; rows wait without one.",
  };
}
