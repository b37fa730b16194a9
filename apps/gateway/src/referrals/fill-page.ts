import type { Referral } from "@patchlane/referral-patch";
import type { Found } from "./find-place.ts";
import type { ListWindow, ReadWindow } from "./list-window.ts";
import type { ListOrder } from "./order.ts";

export interface FilledPage {
  /** At most as many as were asked for; `offset`: how many stand before it in the list. */
  readonly referrals: readonly { readonly referral: Referral; readonly offset: number }[];
  readonly hasMore: boolean;
}

/** The page that begins there; reads on until it is full and it is known whether there is more. */
export async function fillPage(
  read: ReadWindow,
  begun: Found,
  first: number,
  { property }: ListOrder,
): Promise<FilledPage> {
  const versionOf = (referral: Referral): string => `${referral.id} ${referral[property]}`;
  const earlier = new Set(begun.window.referrals.slice(0, begun.index).map(versionOf));
  const found = new Map<string, { referral: Referral; offset: number }>();
  const gather = ({ referrals, skip }: ListWindow): boolean => {
    const before = found.size;
    for (const [at, referral] of referrals.entries()) {
      // One that moved while we read comes once.
      if (!found.has(referral.id) && !earlier.has(versionOf(referral))) {
        found.set(referral.id, { referral, offset: skip + at });
      }
    }
    return found.size > before;
  };
  let { window } = begun;
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
  };
}
