import {
  type GraphQLField,
  type GraphQLOutputType,
  getNamedType,
  getNullableType,
  isListType,
} from "graphql";

/*
 * What a field costs, in points of about a microsecond of this process: a field of the answer is one. What takes from
 * something that everybody shares is dearer: a read of Redis, and most of all a read of the upstream, which
 * allows a few a second to all callers together.
 */

/** A field that has to be looked up: those with arguments. */
const LOOK_UP = 10;
/** What became of a referral: a hundred entries at least are looked through for those the caller may see, however few it asks for. */
const LOOK_THROUGH = 100;
/** A field that may read the upstream. */
const UPSTREAM_READ = 1_000;
/** A mutation: durable writes, and the upstream may be asked what state the referral is in. */
const MUTATION = 5_000;
/** The whole schema, which is some two thousand fields. */
const WHOLE_SCHEMA = 20_000;
/** Elements expected of a list that has no `first`: people of a team, operations of a patch, issues. */
export const USUAL_ELEMENTS = 5;
/** Events expected of a subscription: it answers its selection again with each. */
export const USUAL_EVENTS = 10;
/** Most elements any list answers; who asks for more is refused by the list itself, with its own bound. */
export const MOST_ELEMENTS = 1_000;

/** What one field costs by itself, once. A field the schema does not have is refused by GraphQL later, and costs as any. */
export function priceOf(
  parent: string | undefined,
  field: GraphQLField<unknown, unknown> | undefined,
): number {
  if (field === undefined) {
    return 1;
  }
  if (parent === "Mutation") {
    return MUTATION;
  }
  if (field.name === "__schema") {
    return WHOLE_SCHEMA;
  }
  if (readsUpstream(parent, field.type)) {
    return UPSTREAM_READ;
  }
  if (parent === "Referral" && field.args.length > 0) {
    return LOOK_THROUGH;
  }
  return field.args.length > 0 ? LOOK_UP : 1;
}

/** Each referral is a live read, but for those of a list: they come with the one read of the list. */
function readsUpstream(parent: string | undefined, type: GraphQLOutputType): boolean {
  const { name } = getNamedType(type);
  return (
    name === "ReferralConnection" ||
    (name === "Referral" && parent !== "ReferralConnection" && parent !== "ReferralEdge")
  );
}

/** Whether a field answers a list of which nobody said how long. */
export function isListField(field: GraphQLField<unknown, unknown> | undefined): boolean {
  return field !== undefined && isListType(getNullableType(field.type));
}
