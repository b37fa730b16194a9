import {
  type FieldNode,
  type GraphQLField,
  Kind,
  type OperationDefinitionNode,
  type ValueNode,
} from "graphql";
import type { Cost } from "./cost.ts";
import { MOST_ELEMENTS } from "./price.ts";

/**
 * How many nodes a field asks for with `first`: as written, by a variable, or by default; undefined when it has no `first`.
 * `operation` declares the variables; without one they are taken for their most.
 */
export function pageSizeOf(
  node: FieldNode,
  field: GraphQLField<unknown, unknown> | undefined,
  operation: OperationDefinitionNode | undefined,
): Cost | undefined {
  const first = field?.args.find(({ name }) => name === "first");
  if (first === undefined) {
    return undefined;
  }
  // The first of these is how Pothos still says it.
  const byDefault = first.defaultValue ?? first.default?.value ?? literalOf(first.default?.literal);
  const usual = within(byDefault);
  const given = node.arguments?.find(({ name }) => name.value === "first")?.value;
  if (given?.kind !== Kind.VARIABLE) {
    return given === undefined ? usual : within(literalOf(given), usual);
  }
  const name = given.name.value;
  const declared = operation?.variableDefinitions?.find(
    ({ variable }) => variable.name.value === name,
  );
  const whenAbsent = within(literalOf(declared?.defaultValue), usual);
  return (variables) => {
    const value = Object.hasOwn(variables ?? {}, name) ? variables?.[name] : undefined;
    return value === undefined ? whenAbsent : within(value, usual);
  };
}

function literalOf(node: ValueNode | undefined): number | undefined {
  return node?.kind === Kind.INT ? Number(node.value) : undefined;
}

/** What is no number, or out of bounds, is refused elsewhere and must only not be cheap here. */
function within(value: unknown, otherwise = MOST_ELEMENTS): number {
  return typeof value === "number" ? Math.min(Math.max(value, 0), MOST_ELEMENTS) : otherwise;
}
