import { PartnerCenterError } from "@patchlane/partner-center";
import type { Referral } from "@patchlane/referral-patch";
import type { KnownState, ReferralUpdate } from "@patchlane/update-queue";
import type { Services } from "./services.ts";

/** ms a caller waits for a live read, its turn in the rate budget included. */
const READ_TIMEOUT_MS = 10_000;

/** A referral as callers see it. */
export interface SeenReferral {
  readonly referral: Referral;
  readonly etag: string;
}

/**
 * Reads a referral upstream (one call within the rate budget) and remembers it for the workers.
 * undefined when there is none. Throws what the client throws, and the signal's reason.
 */
export async function readReferral(
  services: Services,
  referralId: string,
  timeoutMs: number = READ_TIMEOUT_MS,
): Promise<KnownState | undefined> {
  const { client, queue, now } = services;
  try {
    const { referral, etag } = await client.getReferral(referralId, {
      priority: "interactive",
      signal: AbortSignal.timeout(timeoutMs),
    });
    const state: KnownState = { referral, etag, seenAt: now() };
    if (etag !== undefined) {
      // Not waited for: the caller has its answer, and what is asked of Redis next comes after it anyway.
      void queue.known.put(referralId, state).catch(() => undefined);
    }
    void queue.account.answered().catch(() => undefined);
    return state;
  } catch (error) {
    if (error instanceof PartnerCenterError && error.kind === "gone") {
      await queue.known.forget(referralId).catch(() => undefined);
      return undefined;
    }
    throw error;
  }
}

/** The referral of an update: as the update's own write left it if that is known, else read live. */
export async function referralOf(
  services: Services,
  update: ReferralUpdate,
): Promise<SeenReferral | undefined> {
  if (update.etag !== undefined) {
    const known = await services.queue.known.get(update.referralId);
    if (known?.etag === update.etag) {
      return { referral: known.referral, etag: known.etag };
    }
  }
  const read = await readReferral(services, update.referralId);
  return read === undefined ? undefined : { referral: read.referral, etag: read.etag ?? "" };
}
