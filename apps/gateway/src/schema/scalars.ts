import { decimalToString, parseDecimal } from "@patchlane/referral-patch";
import { GraphQLError, Kind } from "graphql";
import { builder, type DecimalInput } from "./builder.ts";
import { exactNumber, mayBeRounded, SEND_AS_TEXT } from "./exact-numbers.ts";

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

function parseDateTime(value: unknown): string {
  if (typeof value !== "string" || !RFC3339.test(value) || Number.isNaN(Date.parse(value))) {
    throw new GraphQLError("Expected an RFC 3339 date-time such as 2026-01-31T12:00:00Z");
  }
  return value;
}

builder.scalarType("DateTime", {
  description: "RFC 3339 date-time, UTC.",
  serialize: (value) => (typeof value === "number" ? new Date(value).toISOString() : value),
  parseValue: parseDateTime,
  parseLiteral: (node) => parseDateTime(node.kind === Kind.STRING ? node.value : undefined),
});

function parseMoney(value: unknown): DecimalInput {
  if (mayBeRounded(value)) {
    throw new GraphQLError(SEND_AS_TEXT);
  }
  if (typeof value === "number" || typeof value === "string") {
    const parsed = parseDecimal(value);
    if (parsed.ok) {
      return value;
    }
    throw new GraphQLError(parsed.issues.map(({ message }) => message).join("; "));
  }
  throw new GraphQLError("Expected a number or the text of one, such as 10000.50");
}

builder.scalarType("Decimal", {
  description:
    "Money. Accepts a number or the text of one, is answered as text; never rounded. A number with more than " +
    "15 significant digits must be sent as text: JSON would already have rounded it.",
  serialize: (value) => decimalToString(value),
  parseValue: parseMoney,
  parseLiteral: (node) => {
    switch (node.kind) {
      case Kind.INT:
      case Kind.FLOAT:
        return parseMoney(exactNumber(node.value));
      case Kind.STRING:
        return parseMoney(node.value);
      default:
        return parseMoney(undefined);
    }
  },
});
