import type { ReferralStatus } from "@patchlane/referral-patch";
import type { SeenReferral } from "../read-referral.ts";
import type { Services } from "../services.ts";
import { cursorOf, readCursor } from "./cursor.ts";
import { type FilterTree, join, printFilter } from "./filter-tree.ts";
import { windowReader } from "./list-window.ts";
import { DEFAULT_ORDER, parseOrder, printOrder } from "./order.ts";
import { parseFilter } from "./parse-filter.ts";
import { type ReferralsPage, readPage } from "./read-page.ts";
import { explained } from "./upstream-refusal.ts";

/** What a caller asks for. */
export interface ListRequest {
  readonly first: number;
  readonly after?: string | null | undefined;
  readonly status?: ReferralStatus | null | undefined;
  readonly filter?: string | null | undefined;
  readonly orderBy?: string | null | undefined;
  readonly isCounted: boolean;
}

/** A referral in a list, with the cursor of its place there. */
export interface CursoredReferral extends SeenReferral {
  readonly cursor: string;
}

/**
 * A page of the upstream's list. One call as a rule; two when a whole page of 100 comes after a cursor, or much has changed
 * since the cursor was given out. Throws what can be shown to the caller, and what the client throws.
 */
export async function listReferrals(
  services: Services,
  request: ListRequest,
): Promise<Omit<ReferralsPage, "referrals"> & { referrals: CursoredReferral[] }> {
  const { first, after, isCounted } = request;
  const filter = filterOf(request);
  const order = request.orderBy == null ? DEFAULT_ORDER : parseOrder(request.orderBy);
  const orderBy = printOrder(order);
  const list = JSON.stringify([filter, orderBy]);
  const place = after == null ? undefined : readCursor(list, after);
  const query = { orderBy, ...(filter !== undefined && { filter }) };
  const read = windowReader(services, query, isCounted);
  try {
    const page = await readPage(read, { first, order, place });
    const referrals = page.referrals.map(({ referral, place: at }) => ({
      referral,
      etag: referral.eTag ?? "",
      cursor: cursorOf(list, at),
    }));
    return { ...page, referrals };
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
