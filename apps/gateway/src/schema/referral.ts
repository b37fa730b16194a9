import { allowedTransitions, type Referral, stateOf } from "@patchlane/referral-patch";
import type { SeenReferral } from "../read-referral.ts";
import { requireReferralId } from "../require-id.ts";
import { updatesOf } from "../visible-updates.ts";
import { AuditEntryConnectionType, readAudit } from "./audit-trail.ts";
import { builder } from "./builder.ts";
import {
  checkFirst,
  DEFAULT_FIRST,
  ReferralUpdateConnectionType,
  toConnection,
} from "./connection.ts";
import {
  ConsentType,
  CustomerProfileType,
  InviteContextType,
  MemberType,
  ReferralDetailsType,
  ReferralTargetType,
} from "./referral-parts.ts";
import {
  ReferralStateType,
  ReferralStatusEnum,
  ReferralSubstatusEnum,
} from "./referral-vocabulary.ts";

type Documented = {
  [Name in keyof Referral as string extends Name ? never : Name]: Referral[Name];
};
type TextField = {
  [Name in keyof Documented]-?: Documented[Name] extends string | null | undefined ? Name : never;
}[keyof Documented];

export const ReferralType = builder.objectRef<SeenReferral>("Referral").implement({
  description: "A live read-through of the upstream resource; ids are the upstream's own.",
  fields: (t) => {
    const text = (name: TextField & string) =>
      t.string({ resolve: ({ referral }: SeenReferral) => referral[name] as string | null });
    const dateTime = (name: TextField & string) =>
      t.field({
        type: "DateTime",
        resolve: ({ referral }: SeenReferral) => referral[name] as string | null,
      });
    const id = (name: TextField & string) =>
      t.id({ resolve: ({ referral }: SeenReferral) => referral[name] as string | null });
    return {
      id: t.id({ nullable: false, resolve: ({ referral }) => referral.id }),
      etag: t.exposeString("etag", { nullable: false }),
      engagementId: id("engagementId"),
      organizationId: id("organizationId"),
      organizationName: text("organizationName"),
      name: text("name"),
      externalReferenceId: text("externalReferenceId"),
      status: t.field({
        type: ReferralStatusEnum,
        nullable: false,
        resolve: ({ referral }) => stateOf(referral).status,
      }),
      substatus: t.field({
        type: ReferralSubstatusEnum,
        nullable: false,
        resolve: ({ referral }) => stateOf(referral).substatus,
      }),
      statusReason: text("statusReason"),
      qualification: text("qualification"),
      type: text("type"),
      direction: text("direction"),
      customerProfile: t.field({
        type: CustomerProfileType,
        resolve: ({ referral }) => referral.customerProfile,
      }),
      consent: t.field({ type: ConsentType, resolve: ({ referral }) => referral.consent }),
      details: t.field({ type: ReferralDetailsType, resolve: ({ referral }) => referral.details }),
      team: t.field({
        type: [MemberType],
        nullable: false,
        resolve: ({ referral }) => referral.team ?? [],
      }),
      inviteContext: t.field({
        type: InviteContextType,
        resolve: ({ referral }) => referral.inviteContext,
      }),
      target: t.field({
        type: [ReferralTargetType],
        nullable: false,
        resolve: ({ referral }) => referral.target ?? [],
      }),
      createdDateTime: dateTime("createdDateTime"),
      updatedDateTime: dateTime("updatedDateTime"),
      expirationDateTime: dateTime("expirationDateTime"),
      acceptedDateTime: dateTime("acceptedDateTime"),
      raw: t.field({
        type: "JSON",
        nullable: false,
        description: "The whole upstream document, properties we do not know included.",
        resolve: ({ referral }) => referral,
      }),
      allowedTransitions: t.field({
        type: [ReferralStateType],
        nullable: false,
        resolve: ({ referral }) => allowedTransitions(stateOf(referral)),
      }),
      updates: t.field({
        type: ReferralUpdateConnectionType,
        nullable: false,
        description: "Newest first; those the caller may see. Others are not counted, either.",
        args: { first: t.arg.int({ defaultValue: DEFAULT_FIRST }), after: t.arg.string() },
        resolve: async ({ referral }, { first, after }, context) => {
          const page = { first: checkFirst(first), after: after ?? undefined };
          return toConnection(await updatesOf(context, referral.id, page), page.after);
        },
      }),
      auditTrail: t.field({
        type: AuditEntryConnectionType,
        nullable: false,
        description:
          "What became of its updates (those the caller may see), the one accepted last first.",
        args: { first: t.arg.int({ defaultValue: DEFAULT_FIRST }), after: t.arg.string() },
        resolve: ({ referral }, args, context) =>
          readAudit(context, { ...args, referralId: referral.id }),
      }),
    };
  },
});

builder.queryField("referral", (t) =>
  t.field({
    type: ReferralType,
    args: { id: t.arg.id({ required: true }) },
    description: "Reads one referral upstream; null when there is none.",
    resolve: async (_root, { id }, { loads }) => {
      const read = await loads.referral(requireReferralId(id));
      return read === undefined ? null : { referral: read.referral, etag: read.etag ?? "" };
    },
  }),
);
