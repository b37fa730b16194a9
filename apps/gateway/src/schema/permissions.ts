import type { GraphQLFieldResolver, GraphQLSchema } from "graphql";
import { callerError } from "../errors.ts";
import type { GatewayContext } from "../services.ts";
import { hasRole, type Role } from "../sign-in/caller.ts";

/*
 * Which role the fields of the root types take. What of the data behind them a caller sees is another matter: its own updates,
 * and an administrator everybody's (visible-updates.ts).
 */
const NEEDED_ROLES: Readonly<Record<string, Readonly<Record<string, Role>>>> = {
  Query: {
    referral: "reader",
    referrals: "reader",
    referralUpdate: "reader",
    allowedTransitions: "reader",
    queue: "reader",
    bulkUpdate: "admin",
    bulkUpdates: "admin",
    auditTrail: "admin",
  },
  Mutation: {
    updateReferral: "user",
    cancelReferralUpdate: "user",
    bulkUpdateReferrals: "admin",
    cancelBulkUpdate: "admin",
    pauseBulkUpdate: "admin",
    resumeBulkUpdate: "admin",
    retryBulkUpdate: "admin",
  },
  Subscription: {
    referralUpdateChanged: "reader",
    bulkUpdateChanged: "admin",
  },
};

/** Puts the check in front of every root field. Throws for a field that the table does not name: nothing is open by oversight. */
export function withPermissions(schema: GraphQLSchema): GraphQLSchema {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  for (const root of roots) {
    for (const field of Object.values(root?.getFields() ?? {})) {
      const needed = NEEDED_ROLES[root?.name ?? ""]?.[field.name];
      if (needed === undefined) {
        throw new Error(`permissions: no role is set for ${root?.name}.${field.name}`);
      }
      field.resolve = guarded(field.resolve, needed);
      field.subscribe = guarded(field.subscribe, needed);
    }
  }
  return schema;
}

type Resolve = GraphQLFieldResolver<unknown, GatewayContext>;

function guarded(resolve: Resolve | undefined, needed: Role): Resolve | undefined {
  return (
    resolve &&
    ((root, args, context, info) => {
      if (!hasRole(context.caller, needed)) {
        throw callerError("FORBIDDEN", `This needs the role ${needed}`);
      }
      return resolve(root, args, context, info);
    })
  );
}
