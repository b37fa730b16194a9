import type { UpdateQueue } from "@patchlane/update-queue";
import type { Queue } from "bullmq";

/** Accepts, or adds, under way at a time. */
const IN_FLIGHT = 200;

export function referralIdOf(n: number): string {
  return `00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`;
}

/** What one update wants: two fields, as callers send them. */
export function changesOf(n: number) {
  return { details: { dealValue: `${10_000 + n}`, notes: `Budget confirmed, call ${n}` } };
}

export function patchOf(n: number) {
  const { dealValue, notes } = changesOf(n).details;
  return [
    { op: "replace" as const, path: "/details/dealValue", value: dealValue },
    { op: "replace" as const, path: "/details/notes", value: notes },
  ];
}

/** Accepts one update as the gateway does: durable, and its lane woken. */
export async function acceptOne(queue: UpdateQueue, referral: number, n: number): Promise<void> {
  const referralId = referralIdOf(referral);
  const accepted = await queue.ledger.accept({
    referralId,
    intent: { changes: changesOf(n) },
    patch: patchOf(n),
    submittedBy: "bench",
  });
  if (!accepted.ok) {
    throw new Error("an update was not accepted");
  }
  await queue.wake(referralId);
}

export async function addOne(queue: Queue, referral: number, n: number): Promise<void> {
  await queue.add("update", { referralId: referralIdOf(referral), patch: patchOf(n) });
}

/** Calls `act` for 0 … count - 1, so many at a time. */
export async function inFlight(
  count: number,
  act: (n: number) => Promise<void>,
  most = IN_FLIGHT,
): Promise<void> {
  let next = 0;
  const goOn = async (): Promise<void> => {
    while (next < count) {
      await act(next++);
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, count) }, goOn));
}
