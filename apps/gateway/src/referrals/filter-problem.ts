import type { GraphQLError } from "graphql";
import { callerError } from "../errors.ts";

/** What is wrong with a filter, and where. Never quotes it: it may hold a person's name or e-mail address. */
export function filterProblem(at: number, message: string): GraphQLError {
  const position = at + 1;
  return callerError("BAD_USER_INPUT", `filter, character ${position}: ${message}`, {
    argument: "filter",
    position,
  });
}
