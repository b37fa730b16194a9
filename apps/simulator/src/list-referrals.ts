import { type Answer, refuse } from "./answer.ts";
import { stringifyReferral } from "./decimal.ts";
import { isJsonObject, type Json, type JsonObject } from "./json.ts";
import {
  compileFilter,
  FilterSyntaxError,
  KNOWN_PROPERTIES,
  type ReferralPredicate,
} from "./odata-filter.ts";
import {
  inOrderOf,
  type ReferralStore,
  type SortKey,
  type StoredReferral,
} from "./referral-store.ts";

/** Referrals on one page ("Get the list of leads and opportunities"). */
export const PAGE_SIZE = 100;

/** Listings whose order is remembered for their next pages; older ones are computed again. */
const MAX_SNAPSHOTS = 32;

const SUPPORTED = new Set([
  "$select",
  "$filter",
  "$orderby",
  "$top",
  "$skip",
  "$count",
  "$skiptoken",
]);

/** Answers `GET /engagements/referrals`; keeps each listing's order stable over its pages. */
export type ReferralLister = (query: string, collectionUrl: string) => Answer;

class QueryError extends Error {
  readonly target: string;
  constructor(message: string, target: string) {
    super(message);
    this.target = target;
  }
}

/**
 * Makes a lister over `store`. A listing of several pages remembers which referrals it found, in
 * order, so that writes in between neither repeat nor hide one; their contents are current.
 */
export function createReferralLister(store: ReferralStore): ReferralLister {
  const snapshots = new Map<string, readonly StoredReferral[]>();
  let lastSnapshot = 0;

  function find(params: URLSearchParams): readonly StoredReferral[] {
    const { sortKey, isDescending } = readOrder(params.get("$orderby"));
    const matches = readFilter(params.get("$filter"));
    const externalId = onlyExternalId(params.get("$filter"));
    const found =
      externalId === undefined
        ? matching(store.inOrder(sortKey), matches)
        : store.withExternalId(externalId).toSorted(inOrderOf(sortKey));
    return isDescending ? found.reverse() : found;
  }

  function keep(referrals: readonly StoredReferral[]): string {
    lastSnapshot += 1;
    const name = String(lastSnapshot);
    snapshots.set(name, referrals);
    if (snapshots.size > MAX_SNAPSHOTS) snapshots.delete(snapshots.keys().next().value ?? "");
    return name;
  }

  function list(query: string, collectionUrl: string): Answer {
    const params = new URLSearchParams(query);
    checkOptions(params);
    const select = readSelect(params.get("$select"));
    const token = readSkipToken(params.get("$skiptoken"));
    const skip = readCount(params, "$skip") ?? 0;
    const top = readCount(params, "$top") ?? Number.POSITIVE_INFINITY;

    let snapshot = token?.snapshot;
    const found = (snapshot === undefined ? undefined : snapshots.get(snapshot)) ?? find(params);
    if (snapshot !== undefined && !snapshots.has(snapshot)) snapshot = undefined;

    const start = token?.offset ?? skip;
    const end = Math.min(found.length, skip + top);
    const pageEnd = Math.min(end, start + PAGE_SIZE);
    const page = found.slice(start, pageEnd).filter((referral) => !referral.isDeleted);

    let head = `{"@odata.context":${JSON.stringify(`${collectionUrl}/$metadata#Referrals`)}`;
    if (params.get("$count") === "true") head += `,"@odata.count":${found.length}`;
    const value = page.map(({ document }) => stringifyReferral(select(document))).join(",");
    let tail = "";
    if (pageEnd < end) {
      params.set("$skiptoken", `${snapshot ?? keep(found)}-${pageEnd}`);
      tail = `,"@odata.nextLink":${JSON.stringify(`${collectionUrl}?${params}`)}`;
    }
    return { status: 200, body: `${head},"value":[${value}]${tail}}` };
  }

  return (query, collectionUrl) => {
    try {
      return list(query, collectionUrl);
    } catch (error) {
      if (error instanceof QueryError) {
        return refuse(400, error.message, { target: error.target });
      }
      throw error;
    }
  };
}

function checkOptions(params: URLSearchParams): void {
  for (const name of params.keys()) {
    if (name.startsWith("$") && !SUPPORTED.has(name)) {
      throw new QueryError(`The query option ${name} is not supported.`, name);
    }
    if (params.getAll(name).length > 1) {
      throw new QueryError(`The query option ${name} is given more than once.`, name);
    }
  }
  const count = params.get("$count");
  if (count !== null && count !== "true" && count !== "false") {
    throw new QueryError("$count must be true or false.", "$count");
  }
}

function matching(
  referrals: readonly StoredReferral[],
  matches: ReferralPredicate | undefined,
): StoredReferral[] {
  return matches === undefined ? referrals.slice() : referrals.filter(matches);
}

/** The id when a filter asks for that alone: then nothing is searched. */
function onlyExternalId(filter: string | null): string | undefined {
  const match = /^\s*externalReferenceId\s+eq\s+'((?:[^']|'')*)'\s*$/.exec(filter ?? "");
  return match?.[1]?.replaceAll("''", "'");
}

function readOrder(orderBy: string | null): { sortKey?: SortKey; isDescending: boolean } {
  if (orderBy === null) return { isDescending: false };
  const match = /^\s*(createdDateTime|updatedDateTime)(?:\s+(asc|desc))?\s*$/.exec(orderBy);
  if (match === null) {
    throw new QueryError("Only createdDateTime or updatedDateTime can be ordered by.", "$orderby");
  }
  return {
    sortKey: match[1] === "createdDateTime" ? "createdMicros" : "updatedMicros",
    isDescending: match[2] === "desc",
  };
}

function readFilter(filter: string | null): ReferralPredicate | undefined {
  if (filter === null) return undefined;
  try {
    return compileFilter(filter);
  } catch (error) {
    if (error instanceof FilterSyntaxError) throw new QueryError(error.message, "$filter");
    throw error;
  }
}

function readCount(params: URLSearchParams, name: "$top" | "$skip"): number | undefined {
  const text = params.get(name);
  if (text === null) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new QueryError(`${name} must be a whole number.`, name);
  return Number(text);
}

function readSkipToken(token: string | null): { snapshot: string; offset: number } | undefined {
  if (token === null) return undefined;
  const match = /^(\d{1,12})-(\d{1,9})$/.exec(token);
  if (match === null) throw new QueryError("The $skiptoken is not one we gave out.", "$skiptoken");
  return { snapshot: match[1] ?? "", offset: Number(match[2]) };
}

function readSelect(select: string | null): (document: JsonObject) => JsonObject {
  if (select === null || select.trim() === "*") return (document) => document;
  const paths = select.split(",").map((path) => path.trim().split("/"));
  for (const path of paths) {
    if (!KNOWN_PROPERTIES.has(path[0] ?? "")) {
      throw new QueryError(`There is no property '${path.join("/")}'.`, "$select");
    }
  }
  return (document) => {
    const selection: JsonObject = {};
    for (const path of paths) copyPath(document, selection, path);
    return selection;
  };
}

function copyPath(from: JsonObject, into: JsonObject, path: readonly string[]): void {
  const [name = "", ...rest] = path;
  if (!Object.hasOwn(from, name)) return;
  const value: Json | undefined = from[name];
  if (rest.length === 0 || !isJsonObject(value)) {
    into[name] = value;
    return;
  }
  const known = into[name];
  // A selected part of `details` must not end up inside the stored document.
  const copy: JsonObject = isJsonObject(known) ? { ...known } : {};
  copyPath(value, copy, rest);
  into[name] = copy;
}
