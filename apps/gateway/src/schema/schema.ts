import type { GraphQLSchema } from "graphql";
import { builder } from "./builder.ts";
import { withPermissions } from "./permissions.ts";
import "./scalars.ts";
import "./json-scalar.ts";
import "./referral.ts";
import "./referrals.ts";
import "./referral-update.ts";
import "./update-referral.ts";
import "./bulk-update-referrals.ts";
import "./cancel-referral-update.ts";
import "./bulk-update.ts";
import "./bulk-updates.ts";
import "./bulk-update-actions.ts";
import "./subscriptions.ts";
import "./audit-trail.ts";
import "./queue-status.ts";
import "./allowed-transitions.ts";

builder.queryType({});
builder.mutationType({});
builder.subscriptionType({});

/** The gateway's schema, built once. */
export const schema: GraphQLSchema = withPermissions(builder.toSchema());
