import type { BulkUpdate } from "@patchlane/update-queue";
import { builder } from "./builder.ts";
import { BulkUpdateType } from "./bulk-update.ts";
import {
  checkFirst,
  DEFAULT_FIRST,
  type PageInfo,
  PageInfoType,
  pageInfoOf,
} from "./connection.ts";

interface BulkUpdateConnection {
  readonly nodes: readonly BulkUpdate[];
  readonly pageInfo: PageInfo;
  readonly totalCount: number;
}

const BulkUpdateEdgeType = builder.objectRef<BulkUpdate>("BulkUpdateEdge").implement({
  fields: (t) => ({
    cursor: t.exposeString("id", { nullable: false }),
    node: t.field({ type: BulkUpdateType, nullable: false, resolve: (bulkUpdate) => bulkUpdate }),
  }),
});

const BulkUpdateConnectionType = builder
  .objectRef<BulkUpdateConnection>("BulkUpdateConnection")
  .implement({
    fields: (t) => ({
      edges: t.field({
        type: [BulkUpdateEdgeType],
        nullable: false,
        resolve: ({ nodes }) => [...nodes],
      }),
      nodes: t.field({
        type: [BulkUpdateType],
        nullable: false,
        resolve: ({ nodes }) => [...nodes],
      }),
      pageInfo: t.expose("pageInfo", { type: PageInfoType, nullable: false }),
      totalCount: t.exposeInt("totalCount"),
    }),
  });

builder.queryField("bulkUpdates", (t) =>
  t.field({
    type: BulkUpdateConnectionType,
    nullable: false,
    description: "Newest first.",
    args: { first: t.arg.int({ defaultValue: DEFAULT_FIRST }), after: t.arg.string() },
    resolve: async (_root, { first, after }, { services }) => {
      const cursor = after ?? undefined;
      const page = await services.queue.bulk.list(checkFirst(first), cursor);
      const cursors = page.bulkUpdates.map(({ id }) => id);
      return {
        nodes: page.bulkUpdates,
        totalCount: page.totalCount,
        pageInfo: pageInfoOf(cursors, page.hasMore, cursor),
      };
    },
  }),
);
