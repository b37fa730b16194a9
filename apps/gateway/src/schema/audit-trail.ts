import type { AuditEntry } from "@patchlane/update-queue";
import { requireReferralId } from "../require-id.ts";
import type { GatewayContext } from "../services.ts";
import { type Slice, visibleSlice } from "../visible-updates.ts";
import { AuditEntryType } from "./audit-entry.ts";
import { builder } from "./builder.ts";
import {
  type Connection,
  checkFirst,
  connectionOf,
  connectionType,
  DEFAULT_FIRST,
} from "./connection.ts";

export const AuditEntryConnectionType = connectionType(
  "AuditEntry",
  () => AuditEntryType,
  "Of the whole account; not counted for one referral.",
);

/** A page of the audit trail as a connection. */
export async function readAudit(
  { services, ...context }: Pick<GatewayContext, "services" | "caller" | "loads">,
  args: { first?: number | null; after?: string | null; referralId?: string | undefined },
): Promise<Connection<AuditEntry>> {
  const { referralId } = args;
  const cursorOf = ({ cursor }: AuditEntry): string => cursor;
  const read = async (first: number, after: string | undefined): Promise<Slice<AuditEntry>> => {
    const { entries, ...more } = await services.queue.audit.list({ first, after, referralId });
    const { hasMore, totalCount } = more;
    return { nodes: entries, cursors: entries.map(cursorOf), hasMore, totalCount };
  };
  const page = { first: checkFirst(args.first), after: args.after ?? undefined };
  const whose = ({ content }: AuditEntry): string => content?.submittedBy ?? "";
  const slice = await visibleSlice(context, page, read, whose);
  return connectionOf(slice.nodes, cursorOf, { ...slice, after: page.after });
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
