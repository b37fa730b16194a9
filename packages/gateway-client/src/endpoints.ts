/** The gateway's addresses. */
export interface Endpoints {
  readonly graphql: string;
  readonly bulkUpdates: string;
  results(bulkUpdateId: string, format: ResultsFormat): string;
}

export type ResultsFormat = "csv" | "ndjson";

/**
 * Accepts where the gateway is, or its GraphQL endpoint: `http://127.0.0.1:4000`, `https://example.com/patchlane/graphql`.
 * Throws TypeError for anything that is not an http(s) URL; its message does not repeat credentials.
 */
export function endpointsAt(url: string): Endpoints {
  const base = parse(url);
  const path = base.pathname.replace(/\/+$/, "").replace(/\/graphql$/, "");
  const at = (rest: string): string => `${base.origin}${path}${rest}`;
  return {
    graphql: at("/graphql"),
    bulkUpdates: at("/bulk-updates"),
    results: (id, format) => at(`/bulk-updates/${encodeURIComponent(id)}/results.${format}`),
  };
}

function parse(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
    throw new TypeError("the gateway's url must begin with http:// or https://");
  }
  if (parsed.username !== "" || parsed.password !== "") {
    throw new TypeError("the gateway's url must not hold a user name or password");
  }
  return parsed;
}
