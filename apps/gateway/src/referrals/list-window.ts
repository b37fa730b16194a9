import type { ListQuery } from "@patchlane/partner-center";
import type { Referral } from "@patchlane/referral-patch";
import { askUpstream, READ_TIMEOUT_MS } from "../read-referral.ts";
import type { Services } from "../services.ts";

/** Most referrals the upstream puts on one page ("Get the list of leads and opportunities"). */
export const PAGE_SIZE = 100;

/** A stretch of the list. */
export interface ListWindow {
  /** Referrals before it. */
  readonly skip: number;
  readonly referrals: readonly Referral[];
  /** Its length, with items that are no readable referral. */
  readonly size: number;
  /** Whether there is more behind it; undefined when the upstream did not say. */
  readonly hasMore: boolean | undefined;
  /** Of the whole list, when it was asked for and answered. */
  readonly totalCount: number | undefined;
}

/** Reads a stretch of `wanted` referrals, or of a whole page if more are wanted; less only where the list ends. */
export type ReadWindow = (skip: number, wanted: number) => Promise<ListWindow>;

/**
 * Reads from one list, all in all within the time a caller waits for a live read. Usually one upstream call each; what comes is
 * remembered for the workers.
 */
export function windowReader(
  services: Services,
  query: Pick<ListQuery, "filter" | "orderBy">,
  isCounted: boolean,
): ReadWindow {
  const { client, queue, now } = services;
  const deadline = now() + READ_TIMEOUT_MS;
  let isToCount = isCounted; // once will do
  let totalCount: number | undefined;
  return async (skip, wanted) => {
    // A whole page is not asked for by number: then the upstream says whether there is a next one.
    const top = wanted < PAGE_SIZE ? wanted : undefined;
    const pages: ListQuery = {
      ...query,
      ...(skip > 0 && { skip }),
      ...(top !== undefined && { top }),
      ...(isToCount && { count: true }),
    };
    isToCount = false;
    const referrals: Referral[] = [];
    let size = 0;
    let hasMore: boolean | undefined;
    const timeoutMs = Math.max(1, deadline - now());
    await askUpstream(services, timeoutMs, async (signal) => {
      for await (const page of client.listReferrals(pages, { signal, priority: "interactive" })) {
        referrals.push(...page.referrals);
        size += page.referrals.length + page.unreadableCount;
        totalCount ??= page.count;
        hasMore = page.nextLink !== undefined;
        if (size >= Math.min(wanted, PAGE_SIZE)) {
          break;
        }
      }
    });
    void queue.known.putMany(referrals, now()).catch(() => undefined);
    const isCut = hasMore === false && top !== undefined && size >= top;
    return { skip, referrals, size, totalCount, hasMore: isCut ? undefined : hasMore };
  };
}
