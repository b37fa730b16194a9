import { CallAbortedError, PartnerCenterError } from "@patchlane/partner-center";
import type { Referral } from "@patchlane/referral-patch";
import type { KnownState, ReferralUpdate } from "@patchlane/update-queue";
import type { Services } from "./services.ts";

/** ms a caller waits for a live read, its turn in the rate budget included. */
export const READ_TIMEOUT_MS = 10_000;

/** The same while the upstream is down for everybody: long enough to notice that it is back. */
const DOWN_READ_TIMEOUT_MS = 1_500;

/** Thrown when the upstream asked to be left alone for longer than the caller can wait. */
export class ThrottledForLongError extends Error {
  override readonly name = "ThrottledForLongError";
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super("the upstream asked to be left alone");
    this.retryAfterMs = retryAfterMs;
  }
}

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
    const { referral, etag } = await askUpstream(services, timeoutMs, (signal) =>
      client.getReferral(referralId, { priority: "interactive", signal }),
    );
    const state: KnownState = { referral, etag, seenAt: now() };
    if (etag !== undefined) {
      // Not waited for: the caller has its answer, and what is asked of Redis next comes after it anyway.
      void queue.known.put(referralId, state).catch(() => undefined);
    }
    return state;
  } catch (error) {
    if (error instanceof PartnerCenterError && error.kind === "gone") {
      await queue.known.forget(referralId).catch(() => undefined);
      return undefined;
    }
    throw error;
  }
}

/**
 * Reads upstream for as long as a caller can wait, and notes whether the upstream answered. Throws what `call` throws, or
 * {@link ThrottledForLongError} without calling.
 */
export async function askUpstream<Answer>(
  services: Services,
  timeoutMs: number,
  call: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const { account } = services.queue;
  const patienceMs = await patience(services, timeoutMs);
  try {
    const answer = await call(AbortSignal.timeout(patienceMs));
    void account.answered().catch(() => undefined);
    return answer;
  } catch (error) {
    if (isSilence(error, patienceMs)) {
      // The next callers need not wait as long to learn it; any answer to anybody takes it back.
      void account.failed({ isForEverybody: true }).catch(() => undefined);
    }
    throw error;
  }
}

/** Nothing came back although the request was sent and waited for long, or no connection can be made. */
function isSilence(error: unknown, waitedMs: number): boolean {
  return (
    (error instanceof CallAbortedError && error.wasSent && waitedMs >= READ_TIMEOUT_MS) ||
    (error instanceof PartnerCenterError &&
      error.kind === "transient" &&
      error.status === undefined)
  );
}

/** How long a read is worth waiting for. Throws when the upstream asked to be left alone for longer. */
async function patience({ queue }: Services, timeoutMs: number): Promise<number> {
  const [{ closedForMs }, { isDown }] = await Promise.all([
    queue.budget.status(),
    queue.account.get(),
  ]);
  if (closedForMs > timeoutMs) {
    throw new ThrottledForLongError(closedForMs);
  }
  return isDown ? Math.min(timeoutMs, DOWN_READ_TIMEOUT_MS) : timeoutMs;
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
