import * as z from "zod";
import { decimalRefusal } from "../decimal.ts";
import { dateTime, decimal, isDateTime, text } from "./leaves.ts";
import { customerSizes } from "./vocabulary.ts";
import { writableSchema } from "./writable.ts";

/** What a writable place holds. */
export type Kind = "record" | "list" | "text" | "enum" | "flag" | "decimal" | "dateTime";

/** A writable place in a referral: how its value is checked, compared and reached. */
export type Shape = {
  kind: Kind;
  /** JSON Pointer from the referral, or from the list element the place belongs to. */
  path: string;
  schema: z.ZodType;
  /** Place in the fixed order of operations. */
  rank: number;
  /** Of a record, in the order operations are written. */
  fields?: ReadonlyMap<string, Shape>;
  /** Of a list. */
  item?: Shape;
  /** Of a list: the member's property that tells elements apart. */
  key?: string;
  /**
   * Of most single values: whether the schema surely takes one, told without zod. Nearly every value is right, and zod makes an
   * answer of several objects even then.
   */
  accepts?: (value: unknown) => boolean;
  /** Values documented so far; another one is worth a warning. */
  known?: readonly string[];
};

/** A {@link Shape} with fields. */
export type RecordShape = Shape & { fields: ReadonlyMap<string, Shape> };

// Which property tells a list's elements apart; lists not named here use their `id`.
const listKeys: Readonly<Record<string, string>> = { team: "email", ids: "profileType" };

let lastRank = 0;
/** Order of what the table does not know: after everything it knows. */
export const UNKNOWN_RANK = 1_000;

/** A schema without its optional and nullable layers. */
const unwrap = (schema: z.ZodType): z.ZodType =>
  schema instanceof z.ZodOptional || schema instanceof z.ZodNullable
    ? unwrap(schema.unwrap() as z.ZodType)
    : schema;

function describe(schema: z.ZodType, name: string, path: string): Shape {
  const inner = unwrap(schema);
  const shape: Shape = { kind: "text", schema, path, rank: lastRank++ };
  if (inner instanceof z.ZodObject) {
    shape.kind = "record";
    shape.fields = new Map(
      Object.entries<z.ZodType>(inner.shape).map(([key, field]) => [
        key,
        describe(field, key, `${path}/${key}`),
      ]),
    );
  } else if (inner instanceof z.ZodArray) {
    shape.kind = "list";
    shape.item = describe(inner.element as z.ZodType, name, "");
    shape.key = listKeys[name] ?? "id";
  } else if (inner === decimal) {
    shape.kind = "decimal";
    shape.accepts = (value) => !decimalRefusal(value);
  } else if (inner === dateTime) {
    shape.kind = "dateTime";
    shape.accepts = isDateTime;
  } else if (inner instanceof z.ZodBoolean) {
    shape.kind = "flag";
    shape.accepts = (value) => typeof value === "boolean";
  } else if (inner instanceof z.ZodEnum) {
    shape.kind = "enum";
    shape.accepts = (value) => inner.options.includes(value as string);
  } else if (inner === text) {
    shape.accepts = (value) => typeof value === "string";
    if (name === "size") shape.known = customerSizes;
  }
  return shape;
}

/** The writable part of a referral, derived from {@link writableSchema}. */
export const referralShape = describe(writableSchema, "", "") as RecordShape;

/** The places below one, those in lists aside. */
export const placesBelow = ({ fields }: Shape): Shape[] =>
  [...(fields?.values() ?? [])].flatMap((field) => [field, ...placesBelow(field)]);

/** Properties that make a referral the one it is: another value in one means another referral. */
export const identityFields: ReadonlySet<string> = new Set([
  "id",
  "engagementId",
  "organizationId",
  "direction",
  "type",
]);

/** Properties the vendor writes by itself, at any time. */
export const serverFields: ReadonlySet<string> = new Set([
  "organizationName",
  "createdDateTime",
  "updatedDateTime",
  "acceptedDateTime",
  "expirationDateTime",
  "eTag",
  "links",
]);

/** Whether a top-level property cannot be written. */
export const isReadOnly = (name: string): boolean =>
  identityFields.has(name) || serverFields.has(name);
