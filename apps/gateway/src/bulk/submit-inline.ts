import { setTimeout as sleep } from "node:timers/promises";
import {
  type BulkUpdate,
  IntakeLostError,
  isRedisTrouble,
  LedgerUnavailableError,
  type NewBulkUpdate,
} from "@patchlane/update-queue";
import { RETRY_AFTER_MS } from "../errors.ts";
import type { Services } from "../services.ts";
import type { Caller } from "../sign-in/caller.ts";
import type { InputIssue } from "../submit/parse-request.ts";
import {
  type BulkOptions,
  checkOptions,
  type GivenOptions,
  optionsForDigest,
} from "./bulk-options.ts";
import { inlineSource } from "./inline-source.ts";
import type { RowRequest } from "./row-request.ts";
import { type RowSource, type TakenIn, takeRows } from "./take-rows.ts";

/** Times the items are handed in before others with the same key are left to it, and ms between. */
const MOST_TRIES = 8;
const LOST_RETRY_MS = 50;

/** Most items of a bulk update that comes in one piece; more go through `POST /bulk-updates`. */
const MOST_ITEMS = 1_000;

export interface InlineBulkUpdate extends GivenOptions {
  readonly items?: readonly RowRequest[] | null | undefined;
}

/** What became of it. Everything but `accepted` means: nothing was accepted. */
export type InlineResult =
  | { readonly kind: "accepted"; readonly bulkUpdate: BulkUpdate }
  | { readonly kind: "invalidInput"; readonly issues: readonly InputIssue[] }
  | { readonly kind: "idempotencyMismatch"; readonly idempotencyKey: string }
  | { readonly kind: "unavailable"; readonly message: string; readonly retryAfterMs: number };

/** Takes a bulk update that comes in one piece. An item that cannot be used is a row that FAILED, not an error. */
export async function submitInline(
  services: Services,
  { subject }: Caller,
  input: InlineBulkUpdate,
): Promise<InlineResult> {
  const items = input.items ?? [];
  const checked = checkOptions(input, services);
  const issues = [...checkItems(items), ...(checked.ok ? [] : checked.issues)];
  if (!checked.ok || issues.length > 0) {
    return { kind: "invalidInput", issues };
  }
  const { options } = checked;
  const source = inlineSource(items, optionsForDigest(options));
  try {
    const bulkUpdate = { ...options, submittedBy: subject };
    const taken = await takeOnce(services, bulkUpdate, source);
    if (taken.kind === "mismatch") {
      return { kind: "idempotencyMismatch", idempotencyKey: options.idempotencyKey ?? "" };
    }
    // Accepted is accepted, also when it cannot be read back just now.
    const read = await services.queue.bulk.get(taken.bulkUpdateId).catch(() => undefined);
    const justAccepted = asAccepted(taken.bulkUpdateId, items.length, options, subject);
    return {
      kind: "accepted",
      bulkUpdate: read ?? { ...justAccepted, submittedAt: services.now() },
    };
  } catch (error) {
    return unavailable(services, error);
  }
}

/**
 * Two callers with one key and the same items are both answered with the one bulk update: who loses the intake to the other
 * comes again, and finds it accepted.
 */
async function takeOnce(
  { queue }: Services,
  bulkUpdate: NewBulkUpdate,
  source: RowSource,
): Promise<TakenIn> {
  for (let tries = 1; ; tries++) {
    try {
      return await takeRows(queue.bulk, bulkUpdate, source);
    } catch (error) {
      const mayCome = bulkUpdate.idempotencyKey !== undefined && tries < MOST_TRIES;
      if (!(error instanceof IntakeLostError) || !mayCome) {
        throw error;
      }
      await sleep(Math.random() * tries * LOST_RETRY_MS); // not in step with the other
    }
  }
}

function checkItems(items: readonly unknown[]): InputIssue[] {
  if (items.length > 0 && items.length <= MOST_ITEMS) {
    return [];
  }
  const message =
    items.length === 0
      ? "Expected at least one item"
      : `Expected at most ${MOST_ITEMS} items; send more with POST /bulk-updates`;
  return [{ code: "INVALID_VALUE", path: "/items", message }];
}

function asAccepted(
  id: string,
  total: number,
  options: BulkOptions,
  submittedBy: string,
): Omit<BulkUpdate, "submittedAt"> {
  const { idempotencyKey: _key, ...rest } = options;
  const none = { sending: 0, applied: 0, unchanged: 0, failed: 0, cancelled: 0 };
  return {
    id,
    state: "RUNNING",
    ...rest,
    submittedBy,
    counts: { total, queued: total, ...none },
    upstreamCalls: 0,
    columns: [],
    isReadable: true,
  };
}

function unavailable({ log }: Services, error: unknown): InlineResult {
  if (error instanceof IntakeLostError) {
    return {
      kind: "unavailable",
      message: "Another request with this idempotency key has taken over; ask again for its result",
      retryAfterMs: RETRY_AFTER_MS,
    };
  }
  if (error instanceof LedgerUnavailableError || isRedisTrouble(error)) {
    log.warn({ error }, "a bulk update was not accepted");
    return {
      kind: "unavailable",
      message: "The update queue is not available at the moment; nothing was accepted",
      retryAfterMs: RETRY_AFTER_MS,
    };
  }
  throw error;
}
