import type { ReferralUpdate } from "@patchlane/update-queue";
import type { GatewayContext } from "./services.ts";
import { hasRole, maySee } from "./sign-in/caller.ts";

/** The update, if there is one that the caller may see: somebody else's is as if it did not exist. */
export async function findUpdate(
  { services, caller }: Pick<GatewayContext, "services" | "caller">,
  id: string,
): Promise<ReferralUpdate | undefined> {
  const update = await services.queue.ledger.get(id);
  return update !== undefined && maySee(caller, update) ? update : undefined;
}

/** Those of updates that the caller may see, by id. */
export async function visibleIds(
  { services, caller }: Pick<GatewayContext, "services" | "caller">,
  ids: readonly string[],
): Promise<string[]> {
  if (ids.length === 0 || hasRole(caller, "admin")) {
    return [...ids];
  }
  const updates = await services.queue.ledger.getMany(ids);
  return updates.filter((update) => maySee(caller, update)).map(({ id }) => id);
}

/** A page of a referral's updates, newest first. */
export function updatesOf(
  { services, ...context }: Pick<GatewayContext, "services" | "caller" | "loads">,
  referralId: string,
  page: { readonly first: number; readonly after: string | undefined },
): Promise<VisibleSlice<ReferralUpdate>> {
  const read = async (first: number, after: string | undefined): Promise<Slice<ReferralUpdate>> => {
    const { updates, hasMore, totalCount } = await services.queue.ledger.listOfReferral(
      referralId,
      first,
      after,
    );
    return { nodes: updates, cursors: updates.map(({ id }) => id), hasMore, totalCount };
  };
  return visibleSlice(context, page, read, ({ submittedBy }) => submittedBy);
}

/** A part of a list. */
export interface Slice<Node> {
  readonly nodes: readonly Node[];
  /** One for each node. */
  readonly cursors: readonly string[];
  readonly hasMore: boolean;
  /** Undefined when it was not counted. */
  readonly totalCount: number | undefined;
}

/** The part of a list that a caller may see. */
export interface VisibleSlice<Node> extends Slice<Node> {
  /** What the next page comes after; undefined when there is nothing. */
  readonly goesOnAfter: string | undefined;
}

/** What of a list with other callers' entries is looked at for one page at most. */
const MOST_LOOKED_AT = 1_000;
/** Entries looked at at once; also when the request's patience is over, so that every page goes on somewhere. */
const LOOK_AT_ONCE = 100;
/** The same for all pages of one request: what is left out costs as much as what is answered, and no limit of a query counts it. */
export const MOST_LOOKED_AT_IN_A_REQUEST = 10_000;

/**
 * The next `first` entries of a list that the caller may see. When the end of its patience is reached before, the page is shorter,
 * and goes on behind what was looked at. What is left out is not counted, either.
 */
export async function visibleSlice<Node>(
  { caller, loads }: Pick<GatewayContext, "caller" | "loads">,
  page: { readonly first: number; readonly after: string | undefined },
  read: (first: number, after: string | undefined) => Promise<Slice<Node>>,
  submittedBy: (node: Node) => string,
): Promise<VisibleSlice<Node>> {
  if (hasRole(caller, "admin")) {
    const slice = await read(page.first, page.after);
    return { ...slice, goesOnAfter: slice.cursors.at(-1) };
  }
  const nodes: Node[] = [];
  const cursors: string[] = [];
  const answer = (hasMore: boolean, goesOnAfter: string | undefined): VisibleSlice<Node> => ({
    nodes,
    cursors,
    hasMore,
    totalCount: undefined,
    goesOnAfter,
  });
  let after = page.after;
  const { patience } = loads;
  for (let lookedAt = 0; lookedAt < MOST_LOOKED_AT; lookedAt += LOOK_AT_ONCE) {
    if (lookedAt > 0 && patience.left <= 0) {
      break;
    }
    patience.left -= LOOK_AT_ONCE; // before the look: other pages of the request are read at the same time
    const slice = await read(LOOK_AT_ONCE, after);
    for (const [index, node] of slice.nodes.entries()) {
      if (maySee(caller, { submittedBy: submittedBy(node) })) {
        if (nodes.length === page.first) {
          return answer(true, cursors.at(-1));
        }
        nodes.push(node);
        cursors.push(slice.cursors[index] ?? "");
      }
    }
    if (!slice.hasMore) {
      return answer(false, cursors.at(-1));
    }
    after = slice.cursors.at(-1);
  }
  return answer(true, after);
}
