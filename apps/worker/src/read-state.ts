import { PartnerCenterError } from "@patchlane/partner-center";
import type { Referral } from "@patchlane/referral-patch";
import type { KnownState, ReferralUpdate, UpdatePriority } from "@patchlane/update-queue";
import type { LaneStep } from "./process-lane.ts";

/** A state, and whether it was read just now: a decision not to write needs a fresh one. */
export interface SeenState {
  readonly state: KnownState;
  readonly isFresh: boolean;
}

/** ms for which what the upstream answered in this job counts as read just now. */
const FRESH_MS = 1_000;

/** What the upstream answered in this job, while it counts as read just now. */
export function justSeen({ memory: { lastSeen } }: LaneStep): KnownState | undefined {
  const isFresh = lastSeen !== undefined && performance.now() - lastSeen.at < FRESH_MS;
  return isFresh ? lastSeen.state : undefined;
}

/** The last known state if there is one. */
export async function recall(step: LaneStep): Promise<SeenState | undefined> {
  const seen = justSeen(step);
  if (seen !== undefined) {
    return { state: seen, isFresh: true };
  }
  const { edges, lease } = step;
  const state = await edges.known.get(lease.referralId);
  return state === undefined ? undefined : { state, isFresh: false };
}

/** Remembers what the upstream answered, for this job and for everybody; undefined = it did not tell. */
export async function remember(
  { edges, lease, memory }: LaneStep,
  referral: Referral | undefined,
  etag: string | undefined,
  call: "read" | "write" = "read",
): Promise<void> {
  const state = referral && { referral, etag, seenAt: edges.now() };
  memory.lastSeen = state && { state, at: performance.now() };
  await Promise.all([
    state === undefined || etag === undefined
      ? edges.known.forget(lease.referralId)
      : edges.known.put(lease.referralId, state),
    edges.account.answered(call),
  ]);
}

/** What was known of the referral turned out to be out of date. */
export async function forget({ edges, lease, memory }: LaneStep): Promise<void> {
  memory.lastSeen = undefined;
  await edges.known.forget(lease.referralId);
}

/** Reads the lane's referral upstream (one call) on behalf of updates, and remembers it. Throws what the client throws. */
export async function readNow(
  step: LaneStep,
  updates: readonly ReferralUpdate[],
): Promise<SeenState> {
  const { edges, lease, signal } = step;
  const priority = priorityOf(updates);
  try {
    const { referral, etag } = await edges.client.getReferral(lease.referralId, {
      signal,
      priority,
    });
    await Promise.all([remember(step, referral, etag), noteRead(step, updates)]);
    return { state: { referral, etag, seenAt: edges.now() }, isFresh: true };
  } catch (error) {
    if (error instanceof PartnerCenterError && error.wasSent) {
      await noteRead(step, updates);
    }
    throw error;
  }
}

/** A read counts for every bulk update it was made for. */
async function noteRead({ edges }: LaneStep, updates: readonly ReferralUpdate[]): Promise<void> {
  const ids = new Set(updates.flatMap(({ bulkUpdateId }) => bulkUpdateId ?? []));
  if (ids.size > 0) {
    await edges.noteCalls([...ids], 1);
  }
}

/** A call on behalf of several is as urgent as the most urgent of them. */
export function priorityOf(updates: readonly ReferralUpdate[]): UpdatePriority {
  return updates.every(({ priority }) => priority === "bulk") ? "bulk" : "interactive";
}
