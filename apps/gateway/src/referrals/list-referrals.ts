import type { ReferralStatus } from "@patchlane/referral-patch";
import type { SeenReferral } from "../read-referral.ts";
import type { Services } from "../services.ts";
import { cursorOf, readCursor } from "./cursor.ts";
import { fillPage } from "./fill-page.ts";
import { type FilterTree, join, printFilter } from "./filter-tree.ts";
import { findPlace } from "./find-place.ts";
import { PAGE_SIZE, windowReader } from "./list-window.ts";
import { DEFAULT_ORDER, parseOrder, printOrder } from "./order.ts";
import { parseFilter } from "./parse-filter.ts";
import { explained } from "./upstream-refusal.ts";

/**
 * Referrals read again before a cursor's place, so that as many may have come or gone before it without a second call. As
 * many as fit when a page is nearly full.
 */
const OVERLAP = 10;

/** What a caller asks for. */
export interface ListRequest {
  readonly first: number;
  readonly after?: string | null | undefined;
  readonly status?: ReferralStatus | null | undefined;
  readonly filter?: string | null | undefined;
  readonly orderBy?: string | null | undefined;
  readonly isCounted: boolean;
}

export interface ListedReferral extends SeenReferral {
  readonly cursor: string;
}

export interface ReferralsPage {
  readonly referrals: readonly ListedReferral[];
  readonly hasMore: boolean;
  readonly totalCount: number | undefined;
}

/**
 * A page of the upstream's list. One call as a rule; two when a whole page of 100 comes after a cursor, or much has changed
 * since the cursor was given out. Throws what can be shown to the caller, and what the client throws.
 */
export async function listReferrals(
  services: Services,
  request: ListRequest,
): Promise<ReferralsPage> {
  const { first, after, isCounted } = request;
  const order = request.orderBy == null ? DEFAULT_ORDER : parseOrder(request.orderBy);
  const filter = filterOf(request);
  const orderBy = printOrder(order);
  const list = JSON.stringify([filter, orderBy]);
  const place = after == null ? undefined : readCursor(list, after);
  const read = windowReader(services, {
    orderBy,
    ...(filter !== undefined && { filter }),
    ...(isCounted && { count: true }),
  });
  const overlap = Math.max(0, Math.min(OVERLAP, PAGE_SIZE - 1 - first));
  try {
    const begun =
      place === undefined
        ? { window: await read(0, first + 1), index: 0 }
        : await findPlace(read, {
            place,
            order,
            skip: Math.max(0, place.offset - overlap),
            wanted: Math.min(place.offset, overlap) + 1 + first + 1,
          });
    const page = await fillPage(read, begun, first, order);
    return {
      hasMore: page.hasMore,
      totalCount: begun.window.totalCount,
      referrals: page.referrals.map(({ referral, offset }) => ({
        referral,
        etag: referral.eTag ?? "",
        cursor: cursorOf(list, {
          offset,
          id: referral.id,
          value: referral[order.property] ?? null,
        }),
      })),
    };
  } catch (error) {
    throw explained(error);
  }
}

/** The status and the filter as OData has them; undefined for everything. */
function filterOf({ status, filter }: ListRequest): string | undefined {
  const parts: FilterTree[] = [];
  if (status != null) {
    const literal = { type: "text", text: status } as const;
    parts.push({ kind: "comparison", field: "status", operator: "eq", literal });
  }
  if (filter != null) {
    parts.push(parseFilter(filter));
  }
  return parts.length === 0 ? undefined : printFilter(join("and", parts));
}
