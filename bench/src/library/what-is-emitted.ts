import { isDeepStrictEqual } from "node:util";
import { diffReferrals, type Referral } from "@patchlane/referral-patch";
import fjp, { type Operation as AnyOperation } from "fast-json-patch";
import type { Contender, Operation } from "./contender.ts";
import type { Pair } from "./edits.ts";

/** What a library's patch for one edit is like. */
export interface Emitted {
  readonly operations: number;
  /** Neither `add` nor `replace`, or on what only the server writes: the upstream refuses the whole patch for one of them. */
  readonly refused: number;
  /** List members that are the same before and after, and are written, removed or put in anew. */
  readonly neighbours: number;
  /** Applied as RFC 6902 says, it gives the target, server's own properties aside. */
  readonly givesTarget: boolean;
  /** What the library says it could not say. */
  readonly unsaid: readonly string[];
}

const SERVER_OWNED = /^\/(?:eTag|updatedDateTime)$/;

/** Follows a patch operation by operation. The judge of all of them is fast-json-patch's `applyOperation`. */
export function lookAt(contender: Contender, [before, after]: Pair): Emitted {
  const patch = contender.diff(before, after);
  const document = structuredClone(before);
  const unchanged = unchangedMembers(document, after);
  const touched = new Set<string>();
  for (const operation of patch) {
    for (const member of writtenMembers(document, operation)) {
      const name = unchanged.byMember.get(member) ?? unchanged.byText.get(JSON.stringify(member));
      if (name !== undefined) touched.add(name);
    }
    fjp.applyOperation(document, structuredClone(operation) as AnyOperation);
  }
  const said =
    contender.name === "referral-patch" ? diffReferrals(before, after) : { ok: true as const };
  return {
    operations: patch.length,
    refused: patch.filter(
      ({ op, path }) => !/^(?:add|replace)$/.test(op) || SERVER_OWNED.test(path),
    ).length,
    neighbours: touched.size,
    givesTarget: isDeepStrictEqual(comparable(document), comparable(after)),
    unsaid: said.ok ? [] : said.issues.map(({ code, path }) => `${code} ${path}`),
  };
}

/** The members an operation writes into, takes away or brings: whatever list it passes through or ends in. */
function writtenMembers(document: Referral, { op, path, value }: Operation): object[] {
  const members: unknown[] = [value];
  let holder: unknown = document;
  const segments = path.slice(1).split("/");
  for (const [depth, segment] of segments.entries()) {
    const isInsert = op === "add" && depth === segments.length - 1;
    const next = (holder as Record<string, unknown>)[segment];
    if (Array.isArray(holder) && !isInsert) members.push(next);
    holder = next;
  }
  return members.filter((member) => typeof member === "object" && member !== null);
}

/** Members of lists that stand in the same list afterwards, whatever their place. */
function unchangedMembers(document: Referral, after: Referral) {
  const byMember = new Map<object, string>();
  const byText = new Map<string, string>();
  for (const [path, list] of listsOf(document, "")) {
    const later = new Map(listsOf(after, "")).get(path)?.map((member) => JSON.stringify(member));
    for (const [index, member] of list.entries()) {
      const text = JSON.stringify(member);
      if (!later?.includes(text)) continue;
      byMember.set(member, `${path}/${index}`);
      byText.set(text, `${path}/${index}`);
    }
  }
  return { byMember, byText };
}

function listsOf(value: unknown, path: string): [string, object[]][] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return [[path, value]];
  return Object.entries(value).flatMap(([key, member]) => listsOf(member, `${path}/${key}`));
}

/** Without what only the server writes, and with the amount as a number: in another spelling it is the same. */
function comparable({ eTag: _eTag, updatedDateTime: _date, ...rest }: Referral): unknown {
  return { ...rest, details: { ...rest.details, dealValue: Number(rest.details?.dealValue) } };
}
