import type { Cell, Findings, Goal, Table } from "../report/benchmark.ts";
import { ratioOf, spreadOf } from "../report/spread.ts";
import type { Cost } from "./measured.ts";
import type { Plan } from "./sizes.ts";
import type { SyncRound } from "./sync.ts";
import type { UpdatesRound, Way } from "./updates.ts";

/** Calls a row may cost. */
const CALLS_PER_CHANGED = 1.02;
const CALLS_PER_UNCHANGED = 0.01;

/** The rounds of one case. */
type Rounds<R> = readonly R[];

const total = <R>(rounds: Rounds<R>, who: (round: R) => Cost) =>
  rounds.map((round) => who(round).total);
const seconds = <R>(rounds: Rounds<R>, who: (round: R) => Cost) =>
  rounds.map((round) => who(round).seconds);

export function findingsOf(
  plan: Plan,
  syncs: readonly Rounds<SyncRound>[],
  updates: readonly Rounds<UpdatesRound>[],
): Findings {
  return {
    rounds: plan.rounds,
    tables: [callsTable(syncs), timeTable(plan, syncs), updatesTable(plan, updates)],
    goals: [goalOf(syncs)],
  };
}

function callsTable(syncs: readonly Rounds<SyncRound>[]): Table {
  return {
    title: "Calls of a bulk sync",
    note: "One row for every referral there is. The rivals keep nothing, so their second sync costs what the first does.",
    columns: [
      { head: "rows changed" },
      { head: "sync" },
      { head: "lists" },
      { head: "reads" },
      { head: "writes" },
      { head: "calls" },
      { head: "allowed" },
      { head: "list-then-write ÷ Patchlane", digits: 2 },
      { head: "read-then-write ÷ Patchlane", digits: 2 },
      { head: "blind PATCH ÷ Patchlane", digits: 2 },
    ],
    rows: syncs.flatMap((rounds) =>
      SYNCS.map(({ name, cost }): Cell[] => {
        const calls = rounds.map((round) => cost(round).calls);
        const ours = total(rounds, cost);
        return [
          changedText(rounds[0]),
          name,
          spreadOf(calls.map(({ lists }) => lists)),
          spreadOf(calls.map(({ reads }) => reads)),
          spreadOf(calls.map(({ writes }) => writes)),
          spreadOf(ours),
          rounds[0] === undefined ? null : Math.floor(allowed(rounds[0])),
          ratioOf(
            total(rounds, (round) => round.listThenWrite),
            ours,
          ),
          ratioOf(
            total(rounds, (round) => round.readThenWrite),
            ours,
          ),
          ratioOf(
            total(rounds, (round) => round.blindWrite),
            ours,
          ),
        ];
      }),
    ),
  };
}

function timeTable({ sync }: Plan, syncs: readonly Rounds<SyncRound>[]): Table {
  const limit = sync.ratePerSecond;
  return {
    title: `Time of a bulk sync at a limit of ${limit} calls a second`,
    note: `Patchlane: measured from the first byte of the upload until the last row is final. It spends 95 % of the limit. The rivals: their
calls ÷ ${limit}/s, which nobody can beat.`,
    columns: [
      { head: "rows changed" },
      { head: "sync" },
      { head: "Patchlane, s", digits: 1 },
      { head: "its own calls ÷ limit, s", digits: 1 },
      { head: "list-then-write ÷ Patchlane", digits: 2 },
      { head: "read-then-write ÷ Patchlane", digits: 2 },
      { head: "blind PATCH ÷ Patchlane", digits: 2 },
    ],
    rows: syncs.flatMap((rounds) =>
      SYNCS.map(({ name, cost }): Cell[] => {
        const ours = seconds(rounds, cost);
        return [
          changedText(rounds[0]),
          name,
          spreadOf(ours),
          spreadOf(total(rounds, cost).map((calls) => calls / limit)),
          ratioOf(
            seconds(rounds, (round) => round.listThenWrite),
            ours,
          ),
          ratioOf(
            seconds(rounds, (round) => round.readThenWrite),
            ours,
          ),
          ratioOf(
            seconds(rounds, (round) => round.blindWrite),
            ours,
          ),
        ];
      }),
    ),
  };
}

const SYNCS: readonly { name: string; cost: (round: SyncRound) => Cost }[] = [
  { name: "first, nothing known", cost: ({ first }) => first },
  { name: "right after, others changed", cost: ({ second }) => second },
];

const WAYS: Record<Way, string> = {
  bulk: "one upload",
  atOnce: "`updateReferral`, all at once",
  inTurn: "`updateReferral`, each waited for",
};

function updatesTable({ updates }: Plan, all: readonly Rounds<UpdatesRound>[]): Table {
  return {
    title: `Several updates of one referral, at a limit of ${updates.ratePerSecond} calls a second`,
    note: `What waits for its turn leaves as one PATCH, so how much is folded depends on how far the updates are ahead of the limit; one that
is waited for before the next is made can only be a call of its own.`,
    columns: [
      { head: "updates come as" },
      { head: "updates of a referral" },
      { head: "updates" },
      { head: "Patchlane, calls" },
      { head: "calls an update", digits: 2 },
      { head: "read-then-write ÷ Patchlane", digits: 2 },
      { head: "blind PATCH ÷ Patchlane", digits: 2 },
      { head: "Patchlane, s", digits: 1 },
      { head: "blind PATCH ÷ Patchlane, time", digits: 2 },
    ],
    rows: all.map((rounds): Cell[] => {
      const ours = total(rounds, ({ patchlane }) => patchlane);
      const first = rounds[0];
      return [
        first === undefined ? null : WAYS[first.way],
        first?.perReferral ?? null,
        first?.updates ?? null,
        spreadOf(ours),
        spreadOf(rounds.map(({ patchlane, updates }) => patchlane.total / updates)),
        ratioOf(
          total(rounds, (round) => round.readThenWrite),
          ours,
        ),
        ratioOf(
          total(rounds, (round) => round.blindWrite),
          ours,
        ),
        spreadOf(seconds(rounds, ({ patchlane }) => patchlane)),
        ratioOf(
          seconds(rounds, (round) => round.blindWrite),
          seconds(rounds, ({ patchlane }) => patchlane),
        ),
      ];
    }),
  };
}

function goalOf(syncs: readonly Rounds<SyncRound>[]): Goal {
  const cases = syncs.flat().flatMap((round) =>
    SYNCS.map(({ name, cost }) => ({
      text: `${changedText(round)} ${name}: ${cost(round).total} of ${Math.floor(allowed(round))}`,
      isWithin: cost(round).total <= allowed(round),
    })),
  );
  const beyond = cases.filter(({ isWithin }) => !isWithin);
  const dearest = Math.max(
    ...syncs.flat().flatMap((round) => SYNCS.map(({ cost }) => cost(round).total / allowed(round))),
  );
  return {
    text: `at most ${CALLS_PER_CHANGED} calls for a changed row and ${CALLS_PER_UNCHANGED} for an unchanged one, in every bulk sync`,
    measured: `${cases.length - beyond.length} of ${cases.length} syncs; the dearest used ${Math.round(dearest * 100)} % of what it may`,
    isMet: beyond.length === 0,
    ...(beyond.length === 0 ? {} : { why: beyond.map(({ text }) => text).join("; ") }),
  };
}

function allowed({ rows, changed }: SyncRound): number {
  return CALLS_PER_CHANGED * changed + CALLS_PER_UNCHANGED * (rows - changed);
}

function changedText(round: SyncRound | undefined): string | null {
  return round === undefined
    ? null
    : `${round.changed.toLocaleString("en-US")} of ${round.rows.toLocaleString("en-US")}`;
}
