import type { GraphQLResolveInfo, SelectionSetNode } from "graphql";
import { listReferrals } from "../referrals/list-referrals.ts";
import { builder } from "./builder.ts";
import { checkFirst, connectionOf, connectionType } from "./connection.ts";
import { ReferralType } from "./referral.ts";
import { ReferralStatusEnum } from "./referral-vocabulary.ts";

/** Referrals answered when the caller does not say how many. */
const DEFAULT_REFERRALS = 50;

const ReferralConnectionType = connectionType(
  "Referral",
  () => ReferralType,
  "Of the whole list; null when Partner Center does not say.",
);

builder.queryField("referrals", (t) =>
  t.field({
    type: ReferralConnectionType,
    nullable: false,
    description:
      "Lists referrals upstream. A cursor belongs to the list it came from: same filter, status and orderBy.",
    args: {
      first: t.arg.int({ defaultValue: DEFAULT_REFERRALS, description: "0 to 100." }),
      after: t.arg.string(),
      status: t.arg({ type: ReferralStatusEnum, description: "Beside what the filter says." }),
      filter: t.arg.string({
        description:
          "Fields compared with values, such as `qualification eq 'SalesQualified' and customerProfile/address/country eq 'US'`; " +
          "eq ne gt ge lt le, and, or, not, parentheses.",
      }),
      orderBy: t.arg.string({
        description:
          "createdDateTime (default) or updatedDateTime, then asc (default) or desc. By updatedDateTime a referral moves when it " +
          "is changed.",
      }),
    },
    resolve: async (_root, { first, ...args }, { services }, info) => {
      const page = await listReferrals(services, {
        ...args,
        first: checkFirst(first ?? DEFAULT_REFERRALS),
        isCounted: info.fieldNodes.some((node) => selects(info, node.selectionSet, "totalCount")),
      });
      return connectionOf(page.referrals, ({ cursor }) => cursor, { ...page, after: args.after });
    },
  }),
);

/** Whether a field is asked for, in fragments too; one that @skip leaves out counts. */
function selects(
  info: Pick<GraphQLResolveInfo, "fragments">,
  set: SelectionSetNode | undefined,
  field: string,
): boolean {
  return (set?.selections ?? []).some((selection) =>
    selection.kind === "Field"
      ? selection.name.value === field
      : selects(
          info,
          selection.kind === "InlineFragment"
            ? selection.selectionSet
            : info.fragments[selection.name.value]?.selectionSet,
          field,
        ),
  );
}
