import type { Cell, Table } from "../report/benchmark.ts";
import { type Load, type Prediction, predict, shardsFor, type UnitCosts } from "./model.ts";
import { bytesText, durationText } from "./text.ts";

const UPDATES = [1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];
const ACCOUNTS = [1, 10, 100, 1_000];
const RATES = [5, 20, 200];
/** What a limit, and workers, make of a backlog: calls a second an account, worker processes an account. */
const DURATIONS = [
  ...RATES.map((ratePerSecond) => ({ ratePerSecond, workersPerAccount: 1 })),
  { ratePerSecond: 1_000, workersPerAccount: 1 },
  { ratePerSecond: 1_000, workersPerAccount: 4 },
];
/** Limits that take more than one worker. */
const HIGH_RATES = [200, 500, 1_000, 2_000];
/** Bytes of data one Redis server holds: half of a machine of 32 GB, the other half is for the fork that rewrites the file. */
const BYTES_A_SHARD = 16e9;

/** With as many Redis servers as it takes, and a core for every process. */
function outlookOf(load: Omit<Load, "shards" | "cores">, costs: UnitCosts) {
  const prediction = predict({ ...load, shards: load.accounts }, costs);
  return { prediction, shards: shardsFor(prediction, load.accounts, BYTES_A_SHARD, costs) };
}

export function durationTable(costs: UnitCosts): Table {
  return {
    title: "How long a backlog takes",
    note: `Limits in calls a second an account. Every process has a core of its own, an account has one gateway, and there are as many Redis servers as it takes. The
upstream's limit decides wherever nothing else is named.`,
    columns: [
      { head: "updates, in all" },
      { head: "accounts" },
      ...DURATIONS.map(({ ratePerSecond, workersPerAccount: workers }) => ({
        head: `${ratePerSecond}/s, ${workers} ${workers === 1 ? "worker" : "workers"} an account`,
      })),
    ],
    rows: UPDATES.flatMap((updates) =>
      ACCOUNTS.map((accounts): Cell[] => [
        updates,
        accounts,
        ...DURATIONS.map((each) => {
          const load = { updates, accounts, ...each };
          const { seconds, bottleneck } = outlookOf(load, costs).prediction;
          const decides = bottleneck === "upstream limit" ? "" : ` (${bottleneck})`;
          return `${durationText(seconds)}${decides}`;
        }),
      ]),
    ),
  };
}

export function redisTable(costs: UnitCosts): Table {
  const [least = 0, ...others] = RATES;
  const rates = [least, others.at(-1) ?? least];
  return {
    title: "What Redis needs for it",
    note: `The most memory that is held at any time, when the whole backlog is accepted at once, final updates stay for 30 days and states for 48 hours; and how many
servers that is, of ${bytesText(BYTES_A_SHARD)} of data and one core each. All keys of an account are on one server. A dash: one account alone is more than a server
holds; the backlog has to be handed over in parts, or final updates kept for less long. The append-only file is written to so much in all; it is rewritten as it
grows and holds about what memory holds.`,
    columns: [
      { head: "updates, in all" },
      { head: "accounts" },
      ...rates.flatMap((rate) => [
        { head: `memory at ${rate}/s` },
        { head: `servers at ${rate}/s` },
        { head: `commands/s at ${rate}/s` },
      ]),
      { head: "written to the file" },
    ],
    rows: UPDATES.filter((updates) => updates >= 100_000).flatMap((updates) =>
      ACCOUNTS.map((accounts): Cell[] => {
        const at = rates.map((ratePerSecond) =>
          outlookOf({ updates, accounts, ratePerSecond, workersPerAccount: 1 }, costs),
        );
        return [
          updates,
          accounts,
          ...at.flatMap(({ prediction, shards }): Cell[] => [
            bytesText(prediction.redisBytes),
            shards ?? null,
            prediction.redisCommandsPerSecond,
          ]),
          bytesText(updates * costs.aofBytes),
        ];
      }),
    ),
  };
}

export function workersTable(costs: UnitCosts): Table {
  return {
    title: "What a limit takes to be used",
    note: "Worker processes that an account needs, and accounts that one Redis server's core carries, while all of them are busy: by computing alone, what Redis waits for its disk comes on top.",
    columns: [
      { head: "limit of an account, calls/s" },
      { head: "worker processes" },
      { head: "Redis commands/s" },
      { head: "of Redis' core, %", digits: 1 },
      { head: "busy accounts a Redis server" },
      { head: "then decides" },
    ],
    rows: [...RATES.slice(0, -1), ...HIGH_RATES].map((ratePerSecond): Cell[] => {
      const at = (workersPerAccount: number): Prediction =>
        predict({ updates: 1e6, accounts: 1, ratePerSecond, workersPerAccount, shards: 1 }, costs);
      const enough = at(Number.POSITIVE_INFINITY);
      const share = (enough.updatesPerSecond * costs.redisCpuMs) / 1_000;
      return [
        ratePerSecond,
        Math.ceil(enough.updatesPerSecond / costs.workerPerSecond),
        enough.redisCommandsPerSecond,
        share * 100,
        Math.floor(1 / share),
        enough.bottleneck,
      ];
    }),
  };
}

export function costsTable(costs: UnitCosts): Table {
  const bytes = [costs.waitingBytes, costs.finalBytes, costs.stateBytes, costs.aofBytes];
  return {
    title: "What one update costs here",
    note: "Medians of the rounds. Rows of two short fields; one worker with its default settings and nothing that limits it; `appendfsync always`.",
    columns: [{ head: "what" }, { head: "measured" }],
    rows: [
      ["updates a second that one worker sends", numberText(costs.workerPerSecond)],
      ["worker, ms of a core", numberText(costs.workerCpuMs, 2)],
      ["Redis, ms of a core", numberText(costs.redisCpuMs, 2)],
      ["all else on the machine meanwhile, ms of a core", numberText(costs.elseCpuMs, 2)],
      ["rows a second that one gateway accepts", numberText(costs.intakePerSecond)],
      ["Redis commands, those within scripts included", numberText(costs.commands)],
      ...["while it waits", "when it is final", "state of a referral", "append-only file"].map(
        (name, index): Cell[] => [`bytes: ${name}`, numberText(bytes[index] ?? 0)],
      ),
      ["s that a handful of rows takes", numberText(costs.fixedSeconds, 2)],
    ],
  };
}

function numberText(value: number, digits = 0): string {
  return value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}
