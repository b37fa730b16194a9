/** What of the API a path names. */
export interface Route {
  readonly kind: "collection" | "referral" | "unknown";
  readonly referralId?: string;
  /** Without the query. */
  readonly path: string;
  readonly query: string;
}

/** Reads a request URL (path and query, no origin). Letter case counts, except in ids. */
export function readRoute(url: string, basePath: string): Route {
  const mark = url.indexOf("?");
  const path = mark === -1 ? url : url.slice(0, mark);
  const query = mark === -1 ? "" : url.slice(mark + 1);
  const collection = `${basePath}/engagements/referrals`;
  if (path === collection || path === `${collection}/`) return { kind: "collection", path, query };
  const rest = path.startsWith(`${collection}/`) ? path.slice(collection.length + 1) : "/";
  if (rest.includes("/") || rest === "") return { kind: "unknown", path, query };
  return { kind: "referral", referralId: rest.toLowerCase(), path, query };
}
