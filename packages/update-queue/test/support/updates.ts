import { expect } from "vitest";
import type {
  AcceptResult,
  LaneLease,
  LaneQueue,
  NewReferralUpdate,
  ReferralUpdate,
  UpdateQueue,
  UpdateState,
} from "../../src/index.ts";

const BATCH = 100;
export const REFERRAL = "61c65491-2f2c-461a-84b4-3654499bc1d9";

/** An update that sets the notes. */
export function notes(
  text: string,
  more: Partial<Omit<NewReferralUpdate, "intent" | "patch">> = {},
): NewReferralUpdate {
  return {
    referralId: REFERRAL,
    intent: { changes: { details: { notes: text } } },
    patch: [{ op: "replace", path: "/details/notes", value: text }],
    submittedBy: "tests",
    ...more,
  };
}

/** Accepts an update and answers its id. */
export async function accept(
  queue: Pick<UpdateQueue, "ledger">,
  update: NewReferralUpdate,
): Promise<string> {
  return idOf(await queue.ledger.accept(update));
}

/**
 * Calls `act` for 0 … count - 1, a hundred at a time: an accept has a deadline, and a busy machine does not take any number of them
 * in time.
 */
export async function inBatches(
  count: number,
  act: (n: number) => Promise<unknown>,
): Promise<void> {
  for (let first = 0; first < count; first += BATCH) {
    const size = Math.min(BATCH, count - first);
    await Promise.all(Array.from({ length: size }, (_, n) => act(first + n)));
  }
}

export function idOf(result: AcceptResult): string {
  if (!result.ok) {
    throw new Error("not accepted");
  }
  return result.id;
}

/** Owns a lane that has something to do. */
export async function claim(queue: LaneQueue, referralId = REFERRAL): Promise<LaneLease> {
  const result = await queue.lanes.claim(referralId);
  if (result.kind !== "claimed") {
    throw new Error(`expected to claim the lane, it is ${result.kind}`);
  }
  return result.lease;
}

/** What a lane's owner sees, oldest first. */
export async function pendingIn(lease: LaneLease): Promise<readonly ReferralUpdate[]> {
  const view = await lease.look();
  return view.kind === "empty" ? [] : view.pending;
}

/** Puts one attempt for `ids` on record. */
export function begin(lease: LaneLease, ...ids: string[]): Promise<"begun" | "changed" | "more"> {
  return lease.begin({
    updateIds: ids,
    patch: [{ op: "replace", path: "/details/notes", value: "x" }],
    requestId: "00000000-0000-4000-8000-000000000001",
    clientRequestId: "00000000-0000-4000-8000-000000000002",
  });
}

/** Takes everything pending to a final state and gives the lane up. */
export async function finish(lease: LaneLease, state: UpdateState = "APPLIED"): Promise<void> {
  for (;;) {
    const view = await lease.look();
    if (view.kind === "empty") {
      return;
    }
    await lease.settle(
      view.pending.map(({ id }) => ({ id, state })),
      view.kind === "interrupted",
    );
  }
}

export async function stateOf(
  queue: Pick<UpdateQueue, "ledger">,
  id: string,
): Promise<UpdateState | undefined> {
  return (await queue.ledger.get(id))?.state;
}

/** Counts by state, those at zero left out. */
export async function counts(
  queue: Pick<UpdateQueue, "ledger">,
): Promise<Partial<Record<UpdateState, number>>> {
  const all = Object.entries(await queue.ledger.counts());
  return Object.fromEntries(all.filter(([, count]) => count !== 0));
}

/** Fails unless as many updates are counted as are on record. */
export async function expectCountsToAddUp(
  queue: Pick<UpdateQueue, "ledger">,
  accepted: number,
): Promise<void> {
  const all = Object.values(await queue.ledger.counts());
  expect(all.every((count) => count >= 0)).toBe(true);
  expect(all.reduce((sum, count) => sum + count, 0)).toBe(accepted);
}
