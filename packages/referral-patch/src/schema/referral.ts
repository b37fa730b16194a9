import * as z from "zod";
import { identityFields, referralShape, type Shape, serverFields } from "./shape.ts";
import type { Writable } from "./writable.ts";

/**
 * What is read where the table has `T`: any property may be absent or null, unknown properties and enum
 * values survive, because the vendor adds them without notice.
 */
type Read<T> = T extends readonly (infer Element)[]
  ? Read<Element>[]
  : T extends object
    ? { [Key in keyof T]?: Read<T[Key]> | null } & { [property: string]: unknown }
    : T extends string
      ? T | (string & {})
      : T;

/** A referral as the vendor answers it; properties we do not know are kept. */
export type Referral = Read<Omit<Writable, "status">> & {
  id: string;
  status: NonNullable<Read<Writable["status"]>>;
  /** Quoted, as in the `ETag` header. */
  eTag?: string | null;
  engagementId?: string | null;
  organizationId?: string | null;
  organizationName?: string | null;
  createdDateTime?: string | null;
  updatedDateTime?: string | null;
  acceptedDateTime?: string | null;
  expirationDateTime?: string | null;
  /** `Incoming` or `Outgoing`. */
  direction?: string | null;
  /** `Independent` or `Shared`. */
  type?: string | null;
};

const present = z.string().min(1);

function loosen({ kind, fields, item }: Shape): z.ZodType {
  if (fields) return z.looseObject(loosenFields(fields));
  if (item) return z.array(loosen(item));
  if (kind === "flag") return z.boolean();
  return kind === "decimal" ? z.union([z.number(), z.string()]) : z.string();
}

const loosenFields = (fields: ReadonlyMap<string, Shape>): Record<string, z.ZodType> =>
  Object.fromEntries([...fields].map(([key, field]) => [key, loosen(field).nullish()]));

/**
 * A referral as the vendor answers it, derived from the writable table: only `id` and `status` must
 * be there. Source: "Referral resources". Use {@link parseReferral} for untrusted input.
 */
export const referralSchema = z.looseObject({
  ...Object.fromEntries(
    [...identityFields, ...serverFields].map((name) => [name, z.string().nullish()]),
  ),
  ...loosenFields(referralShape.fields),
  links: z.looseObject({}).nullish(),
  id: present,
  status: present,
}) as unknown as z.ZodType<Referral>;
