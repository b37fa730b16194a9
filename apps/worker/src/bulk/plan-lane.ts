import { applyPatch } from "@patchlane/referral-patch";
import {
  type KnownState,
  MOST_PENDING_SHOWN,
  type ReferralUpdate,
  type RowVerdict,
} from "@patchlane/update-queue";
import { decide, needsState } from "../decide.ts";
import { companions, planWrite } from "../plan-write.ts";

/** What would become of the rows of one referral. */
export interface PlannedLane {
  readonly verdicts: readonly RowVerdict[];
  /** Upstream calls the real run would make for them. */
  readonly calls: number;
}

/**
 * Goes through the writes the lane would make, one after the other. `isListed` = the real run learns the state from the list;
 * otherwise a row that changes nothing costs it a read.
 */
export function planLane(
  referralId: string,
  rows: readonly ReferralUpdate[],
  found: KnownState,
  isListed: boolean,
): PlannedLane {
  const verdicts: RowVerdict[] = [];
  let calls = 0;
  let state = found;
  let pending: readonly ReferralUpdate[] = [];
  let shown = 0;
  for (;;) {
    // As many as a lane shows its owner at a time.
    const more = rows.slice(shown, shown + MOST_PENDING_SHOWN - pending.length);
    shown += more.length;
    pending = [...pending, ...more];
    if (pending.length === 0) {
      break;
    }
    const candidates = companions(pending);
    const { failures, unchanged, write } = planNext(candidates, state);
    const etagBefore = state.etag === undefined ? {} : { etagBefore: state.etag };
    const say = (row: ReferralUpdate, end: Pick<RowVerdict, "state" | "error" | "sent">): void => {
      if (row.rowNumber !== undefined) {
        verdicts.push({ rowNumber: row.rowNumber, referralId, ...etagBefore, ...end });
      }
    };
    for (const { update, error } of failures) {
      say(update, { state: "FAILED", error });
    }
    for (const update of unchanged) {
      say(update, { state: "UNCHANGED" });
    }
    for (const { update, patch } of write?.parts ?? []) {
      say(update, patch.length === 0 ? { state: "UNCHANGED" } : { state: "APPLIED", sent: patch });
    }
    const settled = new Set([
      ...failures.map(({ update }) => update),
      ...unchanged,
      ...(write?.parts ?? []).map(({ update }) => update),
    ]);
    if (settled.size === 0) {
      break;
    }
    calls += write === undefined ? (isListed || calls > 0 ? 0 : 1) : 1;
    pending = pending.filter((row) => !settled.has(row));
    state = write === undefined ? state : after(state, write.patch);
  }
  return { verdicts, calls };
}

/** As a lane plans, but what it would only hear from the upstream's refusal is said beforehand. */
function planNext(candidates: readonly ReferralUpdate[], state: KnownState) {
  if (candidates.some(needsState)) {
    return planWrite(candidates, state);
  }
  const [first] = candidates;
  const decision = first?.ifMatch === undefined ? undefined : decide(first, state);
  return first !== undefined && decision?.kind === "fail"
    ? { failures: [{ update: first, error: decision.error }], unchanged: [], write: undefined }
    : planWrite(candidates, undefined);
}

/** Its ETag then is the upstream's to give. */
function after(state: KnownState, patch: Parameters<typeof applyPatch>[1]): KnownState {
  const applied = applyPatch(state.referral, patch);
  return { ...state, etag: undefined, ...(applied.ok ? { referral: applied.referral } : {}) };
}
