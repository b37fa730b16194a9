import type { ReferralUpdate } from "@patchlane/update-queue";
import { callerError } from "../errors.ts";
import type { VisibleSlice } from "../visible-updates.ts";
import { builder } from "./builder.ts";
import { ReferralUpdateType } from "./referral-update.ts";

export interface PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}

export const PageInfoType = builder.objectRef<PageInfo>("PageInfo").implement({
  fields: (t) => ({
    hasNextPage: t.exposeBoolean("hasNextPage", { nullable: false }),
    hasPreviousPage: t.exposeBoolean("hasPreviousPage", { nullable: false }),
    startCursor: t.exposeString("startCursor"),
    endCursor: t.exposeString("endCursor"),
  }),
});

/** A page of updates. */
export interface UpdateConnection {
  readonly nodes: readonly ReferralUpdate[];
  readonly pageInfo: PageInfo;
  readonly totalCount: number | undefined;
}

const ReferralUpdateEdgeType = builder.objectRef<ReferralUpdate>("ReferralUpdateEdge").implement({
  fields: (t) => ({
    cursor: t.exposeString("id", { nullable: false }),
    node: t.field({ type: ReferralUpdateType, nullable: false, resolve: (update) => update }),
  }),
});

export const ReferralUpdateConnectionType = builder
  .objectRef<UpdateConnection>("ReferralUpdateConnection")
  .implement({
    fields: (t) => ({
      edges: t.field({
        type: [ReferralUpdateEdgeType],
        nullable: false,
        resolve: ({ nodes }) => [...nodes],
      }),
      nodes: t.field({
        type: [ReferralUpdateType],
        nullable: false,
        resolve: ({ nodes }) => [...nodes],
      }),
      pageInfo: t.expose("pageInfo", { type: PageInfoType, nullable: false }),
      totalCount: t.exposeInt("totalCount"),
    }),
  });

/** A page as a connection; an update's id is its cursor, stable whatever is accepted meanwhile. */
export function toConnection(
  { nodes, cursors, hasMore, totalCount, goesOnAfter }: VisibleSlice<ReferralUpdate>,
  after: string | undefined,
): UpdateConnection {
  const pageInfo = { ...pageInfoOf(cursors, hasMore, after), endCursor: goesOnAfter ?? null };
  return { nodes, totalCount, pageInfo };
}

/** What a page says about itself and what is around it. */
export function pageInfoOf(
  cursors: readonly string[],
  hasNextPage: boolean,
  after: string | undefined,
): PageInfo {
  return {
    hasNextPage,
    hasPreviousPage: after !== undefined,
    startCursor: cursors[0] ?? null,
    endCursor: cursors.at(-1) ?? null,
  };
}

/** Nodes answered when the caller does not say how many. */
export const DEFAULT_FIRST = 20;
/** Most nodes answered at once. */
const MOST_NODES = 100;

/** How many nodes are asked for. Throws an error for the caller when it is out of bounds. */
export function checkFirst(wanted: number | null | undefined, most = MOST_NODES): number {
  const first = wanted ?? DEFAULT_FIRST;
  if (first < 0 || first > most) {
    throw callerError("BAD_USER_INPUT", `first must be 0 to ${most}`);
  }
  return first;
}
