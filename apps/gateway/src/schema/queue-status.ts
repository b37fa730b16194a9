import type { QueueStatus } from "@patchlane/update-queue";
import { builder } from "./builder.ts";

const QueueStatusType = builder.objectRef<QueueStatus>("QueueStatus").implement({
  fields: (t) => ({
    waiting: t.exposeInt("waiting", {
      nullable: false,
      description: "Updates accepted and not being sent.",
    }),
    active: t.exposeInt("active", { nullable: false, description: "Updates being sent." }),
    delayed: t.exposeInt("delayed", {
      nullable: false,
      description: "Lanes (referrals) that wait for their next try.",
    }),
    paused: t.boolean({
      nullable: false,
      description: "Nothing is sent for anybody: sign-in does not work.",
      resolve: ({ pausedReason }) => pausedReason !== undefined,
    }),
    pausedReason: t.exposeString("pausedReason"),
    ratePerSecond: t.exposeFloat("ratePerSecond", {
      nullable: false,
      description: "Upstream calls a second in use.",
    }),
    throttledUntil: t.field({
      type: "DateTime",
      description: "Until when the upstream asked to be left alone.",
      resolve: ({ throttledUntil }) => throttledUntil,
    }),
    oldestWaitingSeconds: t.exposeFloat("oldestWaitingSeconds", {
      nullable: false,
      description: "Age of the oldest update that is not final.",
    }),
  }),
});

builder.queryField("queue", (t) =>
  t.field({
    type: QueueStatusType,
    nullable: false,
    resolve: (_root, _args, { services }) => services.queue.status(),
  }),
);
