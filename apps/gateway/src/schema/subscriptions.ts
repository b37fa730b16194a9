import { watchBulkUpdate } from "../watch/watch-bulk-update.ts";
import { watchUpdate } from "../watch/watch-update.ts";
import { builder } from "./builder.ts";
import { BulkUpdateType } from "./bulk-update.ts";
import { ReferralUpdateType } from "./referral-update.ts";

builder.subscriptionField("referralUpdateChanged", (t) =>
  t.field({
    type: ReferralUpdateType,
    nullable: false,
    description:
      "Its current state first, then every change; completes when it is final. An unknown id is a NOT_FOUND error.",
    args: { id: t.arg.id({ required: true }) },
    subscribe: (_root, { id }, context) => watchUpdate(context, id),
    resolve: told,
  }),
);

builder.subscriptionField("bulkUpdateChanged", (t) =>
  t.field({
    type: BulkUpdateType,
    nullable: false,
    description:
      "What it is like now first, then as it changes, at most four times a second and always the end; completes when " +
      "no row of it will change any more. An unknown id is a NOT_FOUND error.",
    args: { id: t.arg.id({ required: true }) },
    subscribe: (_root, { id }, context) => watchBulkUpdate(context, id),
    resolve: told,
  }),
);

/** An error told at the end of a subscription is an error of its last event. */
function told<Value>(value: Value | Error): Value {
  if (value instanceof Error) {
    throw value;
  }
  return value;
}
