import type { Random } from "./random.ts";

/** Where an update's effect shows: a field it sets, or the list it adds a person to. */
export type EffectField = "notes" | "statusReason" | "team" | "name";

/** The effect one update must have. Its token is a value that nothing else writes, but for a repetition. */
export interface Effect {
  readonly field: EffectField;
  /** The text the field is set to, or the e-mail of the person added. */
  readonly token: string;
  /** The upstream is told to refuse it. */
  readonly isPoison: boolean;
  /** The upstream had it from the start: nothing may be written for it. */
  readonly isThere?: boolean;
  /** The code it must fail with. */
  readonly failsWith?: string;
}

/** What callers submit, and how. */
export interface Load {
  /** Default 20. */
  readonly referrals?: number;
  /** Over all referrals; default 200. */
  readonly updates?: number;
  /** Share of updates that add a person; default 0.5. */
  readonly appendShare?: number;
  /** Share of those that add somebody who was added before; default 0.05. */
  readonly repeatShare?: number;
  /** Share of updates the upstream refuses; default 0. */
  readonly poisonShare?: number;
  /** ms between two updates of one lane, on average; default none. */
  readonly pauseMs?: number;
  /** The caller of a lane waits for each outcome, so that nothing travels together. */
  readonly isOneByOne?: boolean;
}

/** Part of every poisonous value; see {@link Effect.isPoison}. */
export const POISON = "poison";

/** Share of updates, among those that set a field, that set the second one. */
const SECOND_FIELD_SHARE = 0.3;

/** What the caller of one lane submits, in order. */
export function planLane(lane: number, random: Random, load: Load): Effect[] {
  const { referrals = 20, updates = 200, appendShare = 0.5 } = load;
  const { repeatShare = 0.05, poisonShare = 0 } = load;
  const plan: Effect[] = [];
  for (let i = 0; i < Math.ceil(updates / referrals); i++) {
    const isAppend = random.next() < appendShare;
    const isRepeat = random.next() < repeatShare;
    const isSecondField = random.next() < SECOND_FIELD_SHARE;
    const isPoison = random.next() < poisonShare;
    const before = plan.filter(({ field }) => field === "team");
    if (isAppend && isRepeat && before.length > 0) {
      plan.push(random.pick(before));
      continue;
    }
    const name = `${isPoison ? POISON : "value"}-${lane}-${i}`;
    const field = isAppend ? "team" : isSecondField ? "statusReason" : "notes";
    plan.push({ field, token: isAppend ? `${name}@fault.example` : name, isPoison });
  }
  return plan;
}

/** The `ReferralChangesInput` that has this effect. */
export function changesOf({ field, token }: Effect): unknown {
  switch (field) {
    case "team":
      return { team: { add: [{ email: token, firstName: "Fault", lastName: "Suite" }] } };
    case "notes":
      return { details: { notes: token } };
    case "statusReason":
    case "name":
      return { [field]: token };
  }
}
