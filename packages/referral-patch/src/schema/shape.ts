import * as z from "zod";
import { dateTime, decimal, text } from "./leaves.ts";
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
  /** Of a text: any string will do. */
  isFree?: boolean;
  /** Values documented so far; another one is worth a warning. */
  known?: readonly string[];
};

/** A {@link Shape} with fields. */
export type RecordShape = Shape & { fields: ReadonlyMap<string, Shape> };

// Which property tells a list's elements apart; lists not named here use their `id`.
const listKeys: Readonly<Record<string, string>> = { team: "email", ids: "profileType" };

let lastRank = 0;

/** A schema without its optional and nullable layers. */
export function unwrap(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodNullable
    ? unwrap(schema.unwrap() as z.ZodType)
    : schema;
}

function describe(schema: z.ZodType, name: string, path: string): Shape {
  const inner = unwrap(schema);
  const shape = { schema, path, rank: lastRank++ };
  if (inner instanceof z.ZodObject) {
    const fields = Object.entries<z.ZodType>(inner.shape);
    return {
      ...shape,
      kind: "record",
      fields: new Map(fields.map(([key, field]) => [key, describe(field, key, `${path}/${key}`)])),
    };
  }
  if (inner instanceof z.ZodArray) {
    const item = describe(inner.element as z.ZodType, name, "");
    return { ...shape, kind: "list", item, key: listKeys[name] ?? "id" };
  }
  if (inner === decimal) return { ...shape, kind: "decimal" };
  if (inner === dateTime) return { ...shape, kind: "dateTime" };
  if (inner instanceof z.ZodBoolean) return { ...shape, kind: "flag" };
  if (inner instanceof z.ZodEnum) return { ...shape, kind: "enum" };
  const known = name === "size" ? customerSizes : undefined;
  return { ...shape, kind: "text", isFree: inner === text && !known, known };
}

/** The writable part of a referral, derived from {@link writableSchema}. */
export const referralShape = describe(writableSchema, "", "") as RecordShape;

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
