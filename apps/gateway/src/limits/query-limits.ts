import { type DocumentNode, GraphQLError, type GraphQLSchema, Kind } from "graphql";
import type { Plugin } from "graphql-yoga";
import { type Costs, checkDocument } from "./check-document.ts";
import { checkVariables } from "./check-variables.ts";
import { pointsOf, type Variables } from "./cost.ts";
import { Meter } from "./meter.ts";
import { parseWithinLimits } from "./parse-within-limits.ts";

/**
 * Refuses what is over {@link LIMITS} before GraphQL's own validation sees it, which can take the square of a document's
 * size. A document that is kept parsed is checked once; its cost with each request's variables.
 */
export function limitQueries(schema: GraphQLSchema): Plugin {
  const checked = new WeakMap<DocumentNode, Costs>();
  const costsOf = (document: DocumentNode): Costs => {
    let costs = checked.get(document);
    if (costs === undefined) {
      costs = checkDocument(schema, document, new Meter());
      checked.set(document, costs);
    }
    return costs;
  };
  return {
    onParams: ({ params }) => checkVariables(params.variables),
    onParse: ({ setParseFn }) => {
      setParseFn((source) => parseWithinLimits(String(source)));
      return ({ result, context }) => {
        if (isDocument(result)) {
          const { operationName, variables } = context.params;
          checkCost(costsOf(result), operationName, variables);
        } else if (isRefusal(result)) {
          throw result; // before others take it for a syntax error, which has a status of its own
        }
      };
    },
  };
}

function checkCost(
  costs: Costs,
  operationName: string | null | undefined,
  variables: Variables,
): void {
  // Null names none, either; then what executes takes the only one there is.
  const cost = operationName == null ? costs.values().next().value : costs.get(operationName);
  // An operation that is not there is refused by what executes.
  new Meter().atLeast("cost", cost === undefined ? 0 : pointsOf(cost, variables));
}

function isDocument(result: unknown): result is DocumentNode {
  return (
    typeof result === "object" && result !== null && (result as DocumentNode).kind === Kind.DOCUMENT
  );
}

function isRefusal(result: unknown): boolean {
  return result instanceof GraphQLError && result.extensions.http !== undefined;
}
