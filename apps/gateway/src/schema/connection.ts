import type { ReferralUpdate, UpdatePage } from "@patchlane/update-queue";
import { builder } from "./builder.ts";
import { ReferralUpdateType } from "./referral-update.ts";

interface PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}

const PageInfoType = builder.objectRef<PageInfo>("PageInfo").implement({
  fields: (t) => ({
    hasNextPage: t.exposeBoolean("hasNextPage", { nullable: false }),
    hasPreviousPage: t.exposeBoolean("hasPreviousPage", { nullable: false }),
    startCursor: t.exposeString("startCursor"),
    endCursor: t.exposeString("endCursor"),
  }),
});

interface UpdateConnection {
  readonly nodes: readonly ReferralUpdate[];
  readonly pageInfo: PageInfo;
  readonly totalCount: number;
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
export function toConnection(page: UpdatePage, after: string | undefined): UpdateConnection {
  return {
    nodes: page.updates,
    totalCount: page.totalCount,
    pageInfo: {
      hasNextPage: page.hasMore,
      hasPreviousPage: after !== undefined,
      startCursor: page.updates[0]?.id ?? null,
      endCursor: page.updates.at(-1)?.id ?? null,
    },
  };
}
