import type { Issue } from "./issue.ts";
import { isRecord } from "./json-value.ts";
import { MAX_DOCUMENT_DEPTH } from "./limits.ts";
import { parseReferral } from "./parse.ts";
import type { Referral } from "./schema/referral.ts";
import { identityFields, referralShape, type Shape, serverFields } from "./schema/shape.ts";

/**
 * As {@link parseReferral}, of a document straight from `JSON.parse` that nobody else has, whose text was not too long: it is
 * kept instead of copied when nothing in it has to be left out. Takes about an eighth of the time, which counts where every
 * answer of the upstream is read.
 */
export function readAnswer(
  doc: unknown,
): { ok: true; referral: Referral } | { ok: false; issues: Issue[] } {
  return isPlainlyRight(doc, ANSWER, MAX_DOCUMENT_DEPTH) && isPresent(doc)
    ? { ok: true, referral: doc }
    : parseReferral(doc);
}

type ReadShape = Pick<Shape, "kind"> & {
  fields?: ReadonlyMap<string, ReadShape>;
  item?: ReadShape;
};

/** What is read and may not be written is text, links aside. */
const ANSWER: ReadShape = {
  kind: "record",
  fields: new Map<string, ReadShape>([
    ...[...identityFields, ...serverFields].map((name) => [name, { kind: "text" }] as const),
    ...referralShape.fields,
    ["links", { kind: "record", fields: new Map() }],
  ]),
};

/**
 * Whether `referralSchema` takes a value as it is, and a copy would leave nothing out of it: no `__proto__`, not too many levels.
 * One walk without zod. May say no to what is right all the same; then it is read the long way.
 */
function isPlainlyRight(value: unknown, shape: ReadShape | undefined, levels: number): boolean {
  if (typeof value !== "object") {
    return shape === undefined || isOfKind(value, shape);
  }
  if (value === null) {
    return true;
  }
  if (levels === 0) {
    return false;
  }
  if (Array.isArray(value)) {
    const item = shape?.item;
    if (shape !== undefined && item === undefined) {
      return false;
    }
    for (const element of value) {
      const isMissing = element === null && item !== undefined;
      if (isMissing || !isPlainlyRight(element, item, levels - 1)) return false;
    }
    return true;
  }
  const fields = shape?.fields;
  if (shape !== undefined && fields === undefined) {
    return false;
  }
  for (const key of Object.keys(value)) {
    const member: unknown = value[key as keyof typeof value];
    if (key === "__proto__" || !isPlainlyRight(member, fields?.get(key), levels - 1)) return false;
  }
  return true;
}

function isOfKind(value: unknown, { kind, fields, item }: ReadShape): boolean {
  if (fields !== undefined || item !== undefined) {
    return false;
  }
  const type = typeof value;
  return kind === "flag"
    ? type === "boolean"
    : type === "string" || (kind === "decimal" && type === "number");
}

const isPresent = (doc: unknown): doc is Referral =>
  isRecord(doc) && Boolean(doc.id) && Boolean(doc.status);
