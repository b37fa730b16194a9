import type { Cell, Goal, Table } from "../report/benchmark.ts";
import { ratioOf, type Spread, spreadOf } from "../report/spread.ts";
import { CONTENDERS, type ContenderName } from "./contender.ts";
import { EDITS } from "./edits.ts";
import { LIMIT, type Measurable, type Samples } from "./measure-libraries.ts";

const OURS = "referral-patch";
const RIVALS: readonly ContenderName[] = CONTENDERS.filter((name) => name !== OURS);
const JUDGED = "fast-json-patch";
const WANTED_RATIO = 10;
const NS_PER_US = 1_000;

const DIFFS = [...EDITS.map(({ name }) => name), "mix"];
const OTHERS: readonly string[] = [
  "apply: one field",
  "apply: eight fields",
  "apply: a person",
  "apply in place: eight fields",
  "validate: eight fields",
  "validate with the referral: eight fields",
  "build: two fields",
  "build: six fields and a person",
  "build, checked before: six fields and a person",
  "merge",
];

export function speedTables(samples: Samples): Table[] {
  return [
    {
      title: "Comparing two referrals of 2.9 kB",
      note: `What differs between the two is in the first column. "Mix" is one of each in turn. "Times" is how many times faster ${OURS} is.
"Written out" is the limit: the same values compared line by line, by code that knows this one document and finds no operations.`,
      columns: [
        { head: "what differs" },
        { head: `${OURS}, µs`, digits: 2 },
        ...RIVALS.flatMap((name) => [
          { head: `${name}, µs`, digits: 2 },
          { head: "times", digits: 1 },
        ]),
        { head: `${LIMIT}, µs`, digits: 2 },
      ],
      rows: DIFFS.map((name) => {
        const task = `diff: ${name}`;
        return [name, ...against(samples, task), micros(samples, LIMIT, task)];
      }),
    },
    {
      title: "Applying, validating, building and merging",
      note: `Applying leaves the document as it was, except "in place", which ${OURS} does not offer: there it does the same as above.`,
      columns: [
        { head: "what" },
        { head: `${OURS}, µs`, digits: 2 },
        ...RIVALS.flatMap((name) => [
          { head: `${name}, µs`, digits: 2 },
          { head: "times", digits: 2 },
        ]),
      ],
      rows: OTHERS.map((task) => [task, ...against(samples, task)]),
    },
  ];
}

function against(samples: Samples, task: string): Cell[] {
  const ours = of(samples, OURS, task);
  return [
    micros(samples, OURS, task),
    ...RIVALS.flatMap((rival) => {
      const theirs = of(samples, rival, task);
      return [micros(samples, rival, task), ours && theirs ? ratioOf(theirs, ours) : null];
    }),
  ];
}

/** In place, ours is what it always does. */
const of = (samples: Samples, name: Measurable, task: string): readonly number[] | undefined =>
  samples.get(name)?.get(name === OURS ? task.replace(" in place", "") : task);

function micros(samples: Samples, name: Measurable, task: string): Spread | null {
  const ns = of(samples, name, task);
  return ns ? spreadOf(ns.map((value) => value / NS_PER_US)) : null;
}

/** Ten times in every case; the text of a miss says which cases, by how much, and what is in the way. */
export function speedGoal(samples: Samples): Goal {
  const times = (name: string): number => {
    const task = `diff: ${name}`;
    const [ours, theirs] = [of(samples, OURS, task) ?? [], of(samples, JUDGED, task) ?? []];
    return ratioOf(theirs, ours).median;
  };
  const all = DIFFS.map((name) => ({ name, times: times(name) }));
  const sorted = all.toSorted((a, b) => a.times - b.times);
  const [worst, best] = [sorted.at(0), sorted.at(-1)];
  const missed = all.filter((one) => one.times < WANTED_RATIO);
  const unchanged = `diff: ${EDITS[0]?.name}`;
  const limit = ratioOf(of(samples, JUDGED, unchanged) ?? [], of(samples, LIMIT, unchanged) ?? []);
  const said = (one: { name: string; times: number } | undefined): string =>
    `${one?.times.toFixed(1)} (${one?.name})`;
  return {
    text: `comparing at least ${WANTED_RATIO} times as fast as ${JUDGED}, in every case`,
    measured: `${times("mix").toFixed(1)} times in the mix, from ${said(worst)} to ${said(best)}`,
    isMet: missed.length === 0,
    why: `Missed in ${missed.length} of ${all.length} cases. The documents share nothing: every text is compared character by character, and the
names in every object are gone through on both sides, because a property nobody has documented may have come or gone. ${JUDGED}
pays for the same. Code written for exactly this document, which looks at no name at all, is ${limit.median.toFixed(0)} times as fast as ${JUDGED}, so that ten times
leaves no room. Such code for the table's objects that goes through the names as well was tried: about half of our time when nothing differs,
still under ten times, and it does not fit into 10 kB unless it is made with \`new Function\`, which content security policies and edge runtimes
refuse. Where something differs we also do what ${JUDGED} does not: check and copy the value, check the transition, match list members by their keys, measure the patch.`,
  };
}
