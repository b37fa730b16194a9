import type { AuditEntry } from "@patchlane/update-queue";
import { requireReferralId } from "../require-id.ts";
import type { GatewayContext } from "../services.ts";
import { type Slice, visibleSlice } from "../visible-updates.ts";
import { AuditEntryType } from "./audit-entry.ts";
import { builder } from "./builder.ts";
import {
  checkFirst,
  DEFAULT_FIRST,
  type PageInfo,
  PageInfoType,
  pageInfoOf,
} from "./connection.ts";

interface AuditConnection {
  readonly nodes: readonly AuditEntry[];
  readonly pageInfo: PageInfo;
  readonly totalCount: number | undefined;
}

const AuditEntryEdgeType = builder.objectRef<AuditEntry>("AuditEntryEdge").implement({
  fields: (t) => ({
    cursor: t.exposeString("cursor", { nullable: false }),
    node: t.field({ type: AuditEntryType, nullable: false, resolve: (entry) => entry }),
  }),
});

export const AuditEntryConnectionType = builder
  .objectRef<AuditConnection>("AuditEntryConnection")
  .implement({
    fields: (t) => ({
      edges: t.field({
        type: [AuditEntryEdgeType],
        nullable: false,
        resolve: ({ nodes }) => [...nodes],
      }),
      nodes: t.field({
        type: [AuditEntryType],
        nullable: false,
        resolve: ({ nodes }) => [...nodes],
      }),
      pageInfo: t.expose("pageInfo", { type: PageInfoType, nullable: false }),
      totalCount: t.exposeInt("totalCount", {
        description: "Of the whole account; not counted for one referral.",
      }),
    }),
  });

/** A page of the audit trail as a connection. */
export async function readAudit(
  { services, caller }: Pick<GatewayContext, "services" | "caller">,
  args: { first?: number | null; after?: string | null; referralId?: string | undefined },
): Promise<AuditConnection> {
  const { referralId } = args;
  const read = async (first: number, after: string | undefined): Promise<Slice<AuditEntry>> => {
    const { entries, ...more } = await services.queue.audit.list({ first, after, referralId });
    const { hasMore, totalCount } = more;
    return { nodes: entries, cursors: entries.map(({ cursor }) => cursor), hasMore, totalCount };
  };
  const page = { first: checkFirst(args.first), after: args.after ?? undefined };
  const whose = ({ content }: AuditEntry): string => content?.submittedBy ?? "";
  const slice = await visibleSlice(caller, page, read, whose);
  const { nodes, cursors, hasMore, totalCount, goesOnAfter = null } = slice;
  const pageInfo = { ...pageInfoOf(cursors, hasMore, page.after), endCursor: goesOnAfter };
  return { nodes, totalCount, pageInfo };
}

builder.queryField("auditTrail", (t) =>
  t.field({
    type: AuditEntryConnectionType,
    nullable: false,
    description:
      "Every update that became final: who, what, when, with what outcome. Newest first; of one referral in the " +
      "order of Referral.updates. A cursor belongs to the list it came from.",
    args: {
      first: t.arg.int({ defaultValue: DEFAULT_FIRST }),
      after: t.arg.string(),
      referralId: t.arg.id(),
    },
    resolve: (_root, { referralId, ...args }, context) =>
      readAudit(context, {
        ...args,
        referralId: referralId == null ? undefined : requireReferralId(referralId),
      }),
  }),
);
