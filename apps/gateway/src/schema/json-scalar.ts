import type { JsonValue } from "@patchlane/referral-patch";
import { GraphQLError, Kind, type ValueNode } from "graphql";
import { builder } from "./builder.ts";
import { exactNumber, mayBeRounded, SEND_AS_TEXT } from "./exact-numbers.ts";

/** A value in the query's text. A number that is too long for a double becomes its text: it may be money. */
function ofLiteral(node: ValueNode, variables: Readonly<Record<string, unknown>>): JsonValue {
  switch (node.kind) {
    case Kind.INT:
    case Kind.FLOAT:
      return exactNumber(node.value);
    case Kind.STRING:
    case Kind.BOOLEAN:
      return node.value;
    case Kind.NULL:
      return null;
    case Kind.LIST:
      return node.values.map((value) => ofLiteral(value, variables));
    case Kind.OBJECT: {
      // Without a prototype, so that a field named __proto__ is one like any other, and refused as such later.
      const object = Object.create(null) as Record<string, JsonValue>;
      for (const { name, value } of node.fields) {
        object[name.value] = ofLiteral(value, variables);
      }
      return object;
    }
    case Kind.VARIABLE:
      return ofVariable(variables[node.name.value] ?? null);
    default:
      throw new GraphQLError(`JSON has no value written ${node.value}: quote a string`);
  }
}

function ofVariable(value: unknown): JsonValue {
  if (mayBeRounded(value)) {
    throw new GraphQLError(SEND_AS_TEXT);
  }
  return value as JsonValue;
}

builder.scalarType("JSON", {
  description: "Any JSON value.",
  serialize: (value) => value,
  parseValue: ofVariable,
  parseLiteral: (node, variables) => ofLiteral(node, variables ?? {}),
});
