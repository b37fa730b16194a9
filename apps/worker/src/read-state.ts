import type { KnownState } from "@patchlane/update-queue";
import type { LaneEdges } from "./lane-edges.ts";

/** A state, and whether it was read just now: a decision not to write needs a fresh one. */
export interface SeenState {
  readonly state: KnownState;
  readonly isFresh: boolean;
}

/** The last known state if there is one. */
export async function recall(edges: LaneEdges, referralId: string): Promise<SeenState | undefined> {
  const state = await edges.known.get(referralId);
  return state === undefined ? undefined : { state, isFresh: false };
}

/** Reads the referral upstream (one call) and remembers it. Throws what the client throws. */
export async function readNow(
  edges: LaneEdges,
  referralId: string,
  signal: AbortSignal,
): Promise<SeenState> {
  const read = await edges.client.getReferral(referralId, { signal, priority: "interactive" });
  const state = { referral: read.referral, etag: read.etag, seenAt: edges.now() };
  await Promise.all([
    read.etag === undefined ? edges.known.forget(referralId) : edges.known.put(referralId, state),
    edges.account.answered(),
  ]);
  return { state, isFresh: true };
}
