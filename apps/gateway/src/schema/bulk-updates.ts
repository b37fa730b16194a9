import { builder } from "./builder.ts";
import { BulkUpdateType } from "./bulk-update.ts";
import { checkFirst, connectionOf, connectionType, DEFAULT_FIRST } from "./connection.ts";

builder.queryField("bulkUpdates", (t) =>
  t.field({
    type: connectionType("BulkUpdate", () => BulkUpdateType),
    nullable: false,
    description: "Newest first.",
    args: { first: t.arg.int({ defaultValue: DEFAULT_FIRST }), after: t.arg.string() },
    resolve: async (_root, { first, after }, { services }) => {
      const page = await services.queue.bulk.list(checkFirst(first), after ?? undefined);
      return connectionOf(page.bulkUpdates, ({ id }) => id, { ...page, after });
    },
  }),
);
