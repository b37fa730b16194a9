import type { ListQuery, PartnerCenterClient, ReferralPage } from "@patchlane/partner-center";
import { PartnerCenterError } from "@patchlane/partner-center";
import type { Referral } from "@patchlane/referral-patch";

/** A referral as far as a list needs it; `at` = seconds of its last change. */
export function listed(id: string, at: number, more: Partial<Referral> = {}): Referral {
  const time = new Date(Date.UTC(2026, 0, 1) + at * 1000).toISOString();
  return {
    id,
    status: "New",
    eTag: `"${id}-${at}"`,
    createdDateTime: "2025-01-01T00:00:00Z",
    updatedDateTime: time,
    ...more,
  } as Referral;
}

/** How an upstream lists, where it differs from the documents. */
export interface ListManners {
  readonly pageSize?: number;
  readonly countsNot?: boolean;
  readonly ordersNot?: boolean;
  /** Refuses requests with $orderby or $count. */
  readonly isPlain?: boolean;
  /** Links that lead nowhere any more, by the number of the call. */
  readonly deadLinks?: readonly number[];
  /** Called before each answer, with the number of the call. */
  readonly onCall?: (nth: number) => void;
}

/** A list that pages by offset over what there is at the moment, like many do; and what was asked of it. */
export class FakeList {
  referrals: Referral[];
  readonly asked: ListQuery[] = [];
  manners: ListManners;

  constructor(referrals: Referral[], manners: ListManners = {}) {
    this.referrals = referrals;
    this.manners = manners;
  }

  get client(): PartnerCenterClient {
    return {
      listReferrals: (query: ListQuery = {}) => this.#list(query),
      getReferral: () => Promise.reject(new Error("not to be read singly")),
      patchReferral: () => Promise.reject(new Error("not to be written")),
      close: async () => {},
    };
  }

  async *#list(query: ListQuery): AsyncGenerator<ReferralPage> {
    this.asked.push(query);
    const { pageSize = 10, countsNot, ordersNot, isPlain, deadLinks, onCall } = this.manners;
    onCall?.(this.asked.length);
    const isRefused = isPlain && (query.orderBy !== undefined || query.count === true);
    const isDead = query.nextLink !== undefined && deadLinks?.includes(this.asked.length);
    if (isRefused || isDead) {
      throw new PartnerCenterError({
        kind: "rejected",
        method: "GET",
        path: "/engagements/referrals",
        status: 400,
        wasSent: true,
        isEffectUncertain: false,
      });
    }
    const all = ordersNot ? this.referrals : newestFirst(this.referrals);
    if (!ordersNot && query.orderBy?.endsWith("asc")) {
      all.reverse();
    }
    const from = Number(query.nextLink ?? 0);
    const page = all.slice(from, from + pageSize);
    const isLast = from + pageSize >= all.length;
    yield {
      referrals: page,
      unreadableCount: 0,
      count: countsNot || query.nextLink !== undefined ? undefined : all.length,
      nextLink: isLast ? undefined : String(from + pageSize),
      call: {} as never,
    };
  }
}

function newestFirst(referrals: readonly Referral[]): Referral[] {
  const time = ({ updatedDateTime }: Referral): string => String(updatedDateTime);
  return [...referrals].sort((a, b) => time(b).localeCompare(time(a)));
}
