import type { GraphQLError } from "graphql";
import { callerError, type ErrorCode } from "../errors.ts";
import { LIMITS, type Limit } from "./limits.ts";

const REFUSALS: Readonly<Record<Limit, readonly [code: ErrorCode, what: string, hint?: string]>> = {
  characters: ["QUERY_TOO_LONG", "characters", "Send values as variables"],
  comments: ["QUERY_TOO_LONG", "comments"],
  tokens: ["QUERY_TOO_LONG", "tokens", "Send values as variables"],
  nesting: ["QUERY_TOO_DEEP", "brackets inside each other"],
  depth: ["QUERY_TOO_DEEP", "levels of fields"],
  aliases: ["QUERY_TOO_COMPLEX", "aliases"],
  directives: ["QUERY_TOO_COMPLEX", "directives"],
  fragments: ["QUERY_TOO_COMPLEX", "fragments"],
  spreads: ["QUERY_TOO_COMPLEX", "fragment spreads"],
  rootFields: ["QUERY_TOO_COMPLEX", "root fields"],
  selections: ["QUERY_TOO_COMPLEX", "fields with every fragment spread out"],
  repeats: ["QUERY_TOO_COMPLEX", "selections of one field in one place"],
  cost: ["QUERY_TOO_COMPLEX", "points of cost", "Ask for fewer nodes (first) or fields"],
  variableDepth: ["VARIABLES_TOO_COMPLEX", "levels of nesting in its variables"],
  variableValues: ["VARIABLES_TOO_COMPLEX", "values in its variables"],
};

/**
 * Refuses a request; says the limit and what was found, and nothing of the request. `found` may be where counting ended:
 * nothing hostile is counted to its end.
 */
export function overLimit(limit: Limit, found: number | "more"): GraphQLError {
  const [code, what, hint] = REFUSALS[limit];
  const most = LIMITS[limit];
  const problem =
    found === "more"
      ? `The request has more than ${most} ${what}, which is the most`
      : `The request has ${found} ${what}; the most is ${most}`;
  return refused(code, hint === undefined ? problem : `${problem}. ${hint}`);
}

/** A refusal of a request, which is HTTP status 400 in every media type: nothing of it was executed. */
export function refused(code: ErrorCode, message: string): GraphQLError {
  return callerError(code, message, { http: { status: 400 } });
}
