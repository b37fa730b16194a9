import type { JsonValue } from "@patchlane/referral-patch";
import SchemaBuilder from "@pothos/core";
import type { GatewayContext } from "../services.ts";

/** Money as callers write it: a number, or the text of one. */
export type DecimalInput = number | string;

export const builder = new SchemaBuilder<{
  Context: GatewayContext;
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: string; Output: string | number };
    Decimal: { Input: DecimalInput; Output: DecimalInput };
    JSON: { Input: JsonValue; Output: unknown };
  };
}>({});
