import type { Referral } from "@patchlane/referral-patch";
import type { Place } from "./cursor.ts";
import { type Found, findPlace } from "./find-place.ts";
import { type ListWindow, PAGE_SIZE, type ReadWindow } from "./list-window.ts";
import type { ListOrder } from "./order.ts";

/**
 * Referrals read again before a cursor's place, so that as many may have come or gone before it without a second call. As
 * many as fit when a page is nearly full.
 */
const OVERLAP = 10;

export interface PageRequest {
  readonly first: number;
  readonly order: ListOrder;
  /** What the page comes after; undefined = it is the first one. */
  readonly place: Place | undefined;
}

export interface ListedReferral {
  readonly referral: Referral;
  readonly place: Place;
}

export interface ReferralsPage {
  readonly referrals: readonly ListedReferral[];
  readonly hasMore: boolean;
  readonly totalCount: number | undefined;
}

/**
 * Reads a page of a list that may change between pages. What stays where it is in the order comes exactly once over all pages,
 * whatever comes, goes or moves around it. That rests on different values to order by: among equal ones a page goes
 * by id, and by number once the referral it comes after is gone.
 */
export async function readPage(read: ReadWindow, request: PageRequest): Promise<ReferralsPage> {
  const { first, order, place } = request;
  const overlap = Math.max(0, Math.min(OVERLAP, PAGE_SIZE - 1 - first, place?.offset ?? 0));
  const begun =
    place === undefined
      ? { window: await read(0, first + 1), index: 0 }
      : await findPlace(read, {
          place,
          order,
          skip: place.offset - overlap,
          wanted: overlap + 1 + first + 1,
        });
  return fill(read, begun, request);
}

/** Reads on until the page is full and it is known whether there is more. */
async function fill(
  read: ReadWindow,
  { window: begun, index }: Found,
  { first, order: { property } }: PageRequest,
): Promise<ReferralsPage> {
  const sortValueOf = (referral: Referral): string | null => referral[property] ?? null;
  const versionOf = (referral: Referral): string => `${referral.id} ${sortValueOf(referral)}`;
  const earlier = new Set(begun.referrals.slice(0, index).map(versionOf));
  const found = new Map<string, ListedReferral>();
  /** Answers whether there was anything new: an upstream that always shows the same must not be asked for ever. */
  const gather = ({ referrals, skip, size }: ListWindow): boolean => {
    const before = found.size;
    for (const [at, referral] of referrals.entries()) {
      const { id } = referral;
      // One that moved while we read comes once.
      if (!found.has(id) && !earlier.has(versionOf(referral))) {
        found.set(id, { referral, place: { id, offset: skip + at, value: sortValueOf(referral) } });
      }
    }
    const hasUnreadable = referrals.length < size;
    return found.size > before || hasUnreadable;
  };
  let window = begun;
  let isGrowing = true;
  gather(window);
  while (
    isGrowing &&
    window.hasMore !== false &&
    found.size < first + (window.hasMore === true ? 0 : 1)
  ) {
    window = await read(window.skip + window.size, first + 1 - found.size);
    isGrowing = gather(window);
  }
  const referrals = [...found.values()];
  return {
    referrals: referrals.slice(0, first),
    hasMore: referrals.length > first || (isGrowing && window.hasMore === true),
    totalCount: begun.totalCount,
  };
}
