import type { Referral } from "@patchlane/referral-patch";
import type { Contender, Operation } from "./contender.ts";
import { EDITS, pairsOf } from "./edits.ts";
import * as patches from "./patches.ts";

/** One thing measured. */
export interface Task {
  readonly name: string;
  /** Calls of one {@link run}. */
  readonly calls: number;
  /** Does it to different documents in turn; what it returns depends on every result, so that nothing is left out. */
  run(): number;
}

/** Documents of a task: as many as stay in the second-level cache, like those a service has just parsed. */
export const DOCUMENTS = 16;

/** Everything a library can do. */
export function tasksOf(contender: Contender): Task[] {
  // V8 has seen every kind of value in every place before the documents that count are parsed, as in a service that has run for a while.
  for (const edit of EDITS) pairsOf(edit, 1);
  const pairs = EDITS.map((edit) => pairsOf(edit, DOCUMENTS));
  return [
    ...EDITS.map(({ name }, index) => diffTask(contender.diff, name, pairs[index] ?? [])),
    diffTask(contender.diff, "mix", mixOf(pairs)),
    ...otherTasks(contender),
  ];
}

/** One pair of each edit. */
const mixOf = <T>(pairs: readonly (readonly T[])[]): T[] =>
  pairs.flatMap((ofEdit) => ofEdit.slice(0, 1));

export function diffTask<T>(
  diff: (before: T, after: T) => { readonly length: number },
  name: string,
  pairs: readonly (readonly [T, T])[],
): Task {
  return {
    name: `diff: ${name}`,
    calls: pairs.length,
    run() {
      let operations = 0;
      for (const [before, after] of pairs) {
        operations += diff(before, after).length;
      }
      return operations;
    },
  };
}

type Patch = readonly Operation[];

function otherTasks(contender: Contender): Task[] {
  const { applyInPlace, isValid, isValidFor, buildChecked = contender.build } = contender;
  // As they come over the wire: V8 keeps text of the source at hand in ways it does not keep other text.
  const [ONE_FIELD, EIGHT_FIELDS, APPENDED_PERSON, FIRST, SECOND] = [
    patches.ONE_FIELD,
    patches.EIGHT_FIELDS,
    patches.APPENDED_PERSON,
    patches.FIRST,
    patches.SECOND,
  ].map((patch) => JSON.parse(JSON.stringify(patch))) as [Patch, Patch, Patch, Patch, Patch];
  const count = (made: readonly Operation[]): number => made.length;
  const changed = (made: unknown): number => ((made as Referral).name ?? "").length;
  return [
    task("apply: one field", (referral) => changed(contender.apply(referral, ONE_FIELD))),
    task("apply: eight fields", (referral) => changed(contender.apply(referral, EIGHT_FIELDS))),
    task("apply: a person", (referral) => changed(contender.apply(referral, APPENDED_PERSON))),
    applyInPlace &&
      task("apply in place: eight fields", (own) => changed(applyInPlace(own, EIGHT_FIELDS))),
    isValid && task("validate: eight fields", () => (isValid(EIGHT_FIELDS) ? 1 : 0)),
    isValidFor &&
      task("validate with the referral: eight fields", (referral) =>
        isValidFor(EIGHT_FIELDS, referral) ? 1 : 0,
      ),
    task("build: two fields", (current) => count(contender.build(patches.TWO_FIELDS, current))),
    task("build: six fields and a person", (current) =>
      count(contender.build(patches.SIX_FIELDS_AND_A_PERSON, current)),
    ),
    task("build, checked before: six fields and a person", (current) =>
      count(buildChecked(patches.SIX_FIELDS_AND_A_PERSON, current)),
    ),
    task("merge", (referral) => count(contender.merge(FIRST, SECOND, referral))),
  ].filter((made) => made !== undefined);
}

/** Documents of its own, as one may change them. */
function task(name: string, use: (referral: Referral) => number): Task {
  const referrals = pairsOf({ name, change: () => {} }, DOCUMENTS).map(([before]) => before);
  return {
    name,
    calls: referrals.length,
    run() {
      let sum = 0;
      for (const referral of referrals) {
        sum += use(referral);
      }
      return sum;
    },
  };
}
