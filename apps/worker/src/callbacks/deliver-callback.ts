import { type DueCallback, LONGEST_CALLBACK_WAIT_MS, type Meters } from "@patchlane/update-queue";
import { callbackBody } from "./callback-body.ts";
import type { CallbackClient, CallOutcome } from "./callback-client.ts";
import { signatureHeaders } from "./sign.ts";

/** Wait (ms) after the first failed try; doubles with every further one, up to an hour. */
const FIRST_WAIT_MS = 5_000;
/** ms since a bulk update was over after which a failed try is the last one: 24 hours. */
const GIVE_UP_AFTER_MS = 24 * 60 * 60 * 1000;

/** One structured line; the URL is not among the fields: it may hold a secret. */
export interface CallbackLog {
  info(fields: CallbackLogFields, message: string): void;
  warn(fields: CallbackLogFields, message: string): void;
}

export type CallbackLogFields = CallOutcome & {
  readonly bulkUpdateId: string;
  readonly attempts: number;
  readonly delayMs?: number;
};

export interface DeliveryEdges {
  readonly client: Pick<CallbackClient, "post">;
  /** Sign what is sent; none = nothing can be sent from here. */
  readonly secrets: readonly Uint8Array[];
  readonly log: CallbackLog;
  readonly meters: Pick<Meters, "count">;
  /** Unix ms. */
  readonly now: () => number;
  /** 0 up to 1. */
  readonly random: () => number;
}

/** One try of a callback. Any 2xx ends it; everything else is tried again for 24 hours. */
export async function deliverCallback(edges: DeliveryEdges, callback: DueCallback): Promise<void> {
  const { bulkUpdate, tries, ageMs } = callback;
  if (bulkUpdate.isReadable && bulkUpdate.callbackUrl === undefined) {
    await callback.end();
    return;
  }
  const outcome = await send(edges, callback);
  const attempts = tries + 1;
  const about = { bulkUpdateId: bulkUpdate.id, attempts, ...outcome };
  if (outcome.status !== undefined && outcome.status >= 200 && outcome.status < 300) {
    await callback.end();
    edges.meters.count("callbacks", { outcome: "made" });
    edges.log.info(about, "callback made");
    return;
  }
  const leftMs = GIVE_UP_AFTER_MS - ageMs;
  if (leftMs <= 0) {
    await callback.end();
    edges.meters.count("callbacks", { outcome: "given_up" });
    edges.log.warn(about, "callback given up");
    return;
  }
  // The last try is made when the time is over, not up to an hour before.
  const delayMs = Math.min(callbackWaitMs(attempts, edges.random), leftMs);
  await callback.tryAgain(delayMs);
  edges.meters.count("callbacks", { outcome: "failed" });
  edges.log.warn({ ...about, delayMs }, "callback failed, to be tried again");
}

async function send(
  { client, secrets, now }: DeliveryEdges,
  { bulkUpdate, deliveryId }: DueCallback,
): Promise<CallOutcome> {
  const { callbackUrl } = bulkUpdate;
  if (!bulkUpdate.isReadable || callbackUrl === undefined) {
    return { reason: "its URL is sealed with a LEDGER_KEY this worker does not have" };
  }
  if (secrets.length === 0) {
    return { reason: "this worker has no CALLBACK_SECRET" };
  }
  const body = callbackBody(bulkUpdate);
  const headers = signatureHeaders({ id: deliveryId, sentAt: now(), body }, secrets);
  return client.post(callbackUrl, headers, body);
}

/** Wait (ms) after the `nth` failed try (1-based): exponential, between half the step and the whole. */
export function callbackWaitMs(nth: number, random: () => number): number {
  const stepMs = Math.min(FIRST_WAIT_MS * 2 ** Math.min(nth - 1, 20), LONGEST_CALLBACK_WAIT_MS);
  return Math.round(stepMs * (0.5 + random() / 2));
}
