import type { BulkPlan, BulkUpdate, BulkUpdateCounts } from "@patchlane/update-queue";
import { etaSeconds, minutesOf } from "../bulk/eta.ts";
import { pausedReasonOf, standstillOf } from "../bulk/paused-reason.ts";
import { builder } from "./builder.ts";
import { DEFAULT_ITEMS, readItems } from "./bulk-update-items.ts";
import { ReferralUpdateConnectionType } from "./connection.ts";
import { UpdateStateEnum } from "./referral-update.ts";

const BulkUpdateStateEnum = builder.enumType("BulkUpdateState", {
  values: {
    INGESTING: { description: "Its rows are being received; nothing of it is sent." },
    RUNNING: { description: "Rows become final one by one." },
    PAUSED: { description: "Rows that are QUEUED wait until it is resumed." },
    COMPLETED: { description: "Every row is final, none FAILED." },
    COMPLETED_WITH_ERRORS: { description: "Every row is final, some FAILED." },
    CANCELLED: { description: "Rows that were QUEUED are being taken back, or were." },
  } as const,
});

const BulkUpdateCountsType = builder.objectRef<BulkUpdateCounts>("BulkUpdateCounts").implement({
  description: "Rows by state; they always add up to total.",
  fields: (t) => ({
    total: t.exposeInt("total", { nullable: false }),
    queued: t.exposeInt("queued", { nullable: false }),
    sending: t.exposeInt("sending", { nullable: false }),
    applied: t.exposeInt("applied", { nullable: false }),
    unchanged: t.exposeInt("unchanged", { nullable: false }),
    failed: t.exposeInt("failed", { nullable: false }),
    cancelled: t.exposeInt("cancelled", { nullable: false }),
  }),
});

const BulkPlanType = builder.objectRef<BulkPlan>("BulkPlan").implement({
  description: "What the real run of a dry run would take.",
  fields: (t) => ({
    upstreamCalls: t.exposeInt("upstreamCalls", { nullable: false }),
    minutes: t.float({
      nullable: false,
      description: "At the rate in use now, with nothing else going on.",
      resolve: async ({ upstreamCalls }, _args, { loads }) =>
        minutesOf(upstreamCalls, (await loads.pace()).ratePerSecond),
    }),
  }),
});

export const BulkUpdateType = builder.objectRef<BulkUpdate>("BulkUpdate");

BulkUpdateType.implement({
  description: "Many changes handed in as one. Its rows are updates like any other.",
  fields: (t) => ({
    id: t.exposeID("id", { nullable: false }),
    label: t.exposeString("label"),
    state: t.expose("state", { type: BulkUpdateStateEnum, nullable: false }),
    dryRun: t.exposeBoolean("isDryRun", {
      nullable: false,
      description: "Nothing is written upstream: rows end as they would, APPLIED with the patch.",
    }),
    skipUnchanged: t.exposeBoolean("skipUnchanged", {
      nullable: false,
      description: "A row whose referral already is as the row says ends UNCHANGED.",
    }),
    counts: t.expose("counts", { type: BulkUpdateCountsType, nullable: false }),
    upstreamCalls: t.exposeInt("upstreamCalls", {
      nullable: false,
      description: "Every upstream request made on its behalf.",
    }),
    etaSeconds: t.int({
      description:
        "Until its last row is final, from the calls its rows took so far, the rate in use and the share of others " +
        "that run; null unless it is running.",
      resolve: async (bulkUpdate, _args, { loads }) => {
        if (bulkUpdate.state !== "RUNNING" || standstillOf(await loads.account()) !== undefined) {
          return null;
        }
        return etaSeconds(bulkUpdate, await loads.pace());
      },
    }),
    pausedReason: t.string({
      description: "Who paused it; while it is RUNNING, what keeps everybody from sending.",
      resolve: (bulkUpdate, _args, { loads }) => pausedReasonOf(bulkUpdate, loads.account),
    }),
    plan: t.expose("plan", { type: BulkPlanType, description: "Of a dry run that is over." }),
    submittedBy: t.exposeString("submittedBy", { nullable: false }),
    submittedAt: t.field({
      type: "DateTime",
      nullable: false,
      resolve: ({ submittedAt }) => submittedAt,
    }),
    finishedAt: t.field({ type: "DateTime", resolve: ({ finishedAt }) => finishedAt }),
    isReadable: t.exposeBoolean("isReadable", {
      nullable: false,
      description:
        "Whether what is sealed could be opened. If not, label is null and submittedBy is empty.",
    }),
    items: t.field({
      type: ReferralUpdateConnectionType,
      nullable: false,
      description: "Its rows, in row order; with `state` those that are in it now.",
      args: {
        first: t.arg.int({ defaultValue: DEFAULT_ITEMS }),
        after: t.arg.string(),
        state: t.arg({ type: UpdateStateEnum }),
      },
      resolve: ({ id }, args, { services }) => readItems(services, id, args),
    }),
  }),
});

builder.queryField("bulkUpdate", (t) =>
  t.field({
    type: BulkUpdateType,
    args: { id: t.arg.id({ required: true }) },
    description: "What became of it so far; null when it is unknown or its retention is over.",
    resolve: (_root, { id }, { loads }) => loads.bulkUpdate(id),
  }),
);
