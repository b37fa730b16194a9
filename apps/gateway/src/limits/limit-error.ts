import type { GraphQLError } from "graphql";
import { callerError, type ErrorCode } from "../errors.ts";
import { LIMITS, type Limit } from "./limits.ts";

const REFUSALS: Readonly<Record<Limit, readonly [code: ErrorCode, what: string]>> = {
  characters: ["QUERY_TOO_LONG", "characters"],
  comments: ["QUERY_TOO_LONG", "comments"],
  tokens: ["QUERY_TOO_LONG", "tokens; send values as variables"],
  nesting: ["QUERY_TOO_DEEP", "open brackets inside each other"],
  depth: ["QUERY_TOO_DEEP", "levels of fields"],
  aliases: ["QUERY_TOO_COMPLEX", "aliases"],
  directives: ["QUERY_TOO_COMPLEX", "directives"],
  fragments: ["QUERY_TOO_COMPLEX", "fragments"],
  spreads: ["QUERY_TOO_COMPLEX", "fragment spreads"],
  rootFields: ["QUERY_TOO_COMPLEX", "root fields"],
  selections: ["QUERY_TOO_COMPLEX", "selections with every fragment spread out"],
  repeats: ["QUERY_TOO_COMPLEX", "selections of one field in one place"],
  cost: ["QUERY_TOO_COMPLEX", "points of cost; ask for fewer nodes (first) or fields"],
  variableDepth: ["VARIABLES_TOO_COMPLEX", "levels of nesting in the variables"],
  variableValues: ["VARIABLES_TOO_COMPLEX", "values in the variables"],
};

/** Refuses a request; says the limit and what was found, and nothing of the request. `found` may be where counting ended. */
export function overLimit(limit: Limit, found: number | "more"): GraphQLError {
  const [code, what] = REFUSALS[limit];
  const most = LIMITS[limit];
  const seen = found === "more" ? "there are more" : `there are ${found}`;
  return refused(code, `The request may have ${most} ${what}: ${seen}`);
}

/** A refusal of a request, which is HTTP status 400 in every media type: nothing of it was executed. */
export function refused(code: ErrorCode, message: string): GraphQLError {
  return callerError(code, message, { http: { status: 400 } });
}
