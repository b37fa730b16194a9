import type { Referral } from "@patchlane/referral-patch";
import { readAnswer } from "@patchlane/referral-patch/answer";
import type { CallOptions } from "./call.ts";
import type { ListQuery, ReferralPage } from "./client.ts";
import { unusableAnswer } from "./failure-of.ts";
import { type NextLinkRules, nextLinkQuery } from "./next-link.ts";
import { parseJson } from "./parse-json.ts";
import { type Answer, type Connection, refused, send } from "./send.ts";

const LIST = { operation: "list", method: "GET", path: "/engagements/referrals" } as const;

/** A million referrals at the documented 100 a page: an upstream that links on for ever ends here. */
const DEFAULT_MAX_PAGES = 10_000;

/** `GET /engagements/referrals`, page by page. Source: "Get the list of leads and opportunities". */
export async function* listReferrals(
  connection: Connection,
  maxResponseBytes: number,
  baseUrl: URL,
  query: ListQuery = {},
  options: CallOptions = {},
): AsyncGenerator<ReferralPage, void, undefined> {
  const links: NextLinkRules = { baseUrl, path: connection.basePath + LIST.path };
  const seen = new Set<string>();
  let search =
    query.nextLink === undefined ? odataQuery(query) : nextLinkQuery(links, query.nextLink);
  if (search === undefined) throw refused(LIST, "FOREIGN_NEXT_LINK");
  for (let page = 1; search !== undefined; page++) {
    if (page > (query.maxPages ?? DEFAULT_MAX_PAGES))
      throw refused(LIST, "TOO_MANY_PAGES", "protocol");
    seen.add(search);
    // A request id names one request; a later page is another one.
    const pageOptions = page === 1 ? options : { ...options, requestId: undefined };
    const answer = await send(
      connection,
      { ...LIST, query: search, maxResponseBytes },
      pageOptions,
    );
    const { next, ...readable } = readPage(answer, links);
    if (next !== undefined && seen.has(next)) throw protocolError(answer, "REPEATED_NEXT_LINK");
    yield readable;
    search = next;
  }
}

function readPage(
  answer: Answer,
  links: NextLinkRules,
): ReferralPage & { next: string | undefined } {
  if (answer.text === undefined) {
    throw unusableAnswer(
      answer.call,
      answer.call.status,
      answer.fault ?? { code: undefined, cause: undefined },
    );
  }
  const document = parseJson(answer.text);
  const value = property(document, "value");
  if (!Array.isArray(value)) throw protocolError(answer, "MALFORMED_LIST");
  const link = property(document, "@odata.nextLink") ?? undefined;
  const next = link === undefined ? undefined : nextLinkQuery(links, link);
  if (link !== undefined && next === undefined) throw protocolError(answer, "FOREIGN_NEXT_LINK");
  const count = property(document, "@odata.count");
  const referrals = value.flatMap((item): Referral[] => {
    const parsed = readAnswer(item);
    return parsed.ok ? [parsed.referral] : [];
  });
  return {
    referrals,
    unreadableCount: value.length - referrals.length,
    count: typeof count === "number" ? count : undefined,
    nextLink: next === undefined ? undefined : `${links.baseUrl.origin}${links.path}${next}`,
    call: answer.call,
    next,
  };
}

/** The query string, spelt so that every OData server reads it the same: `$` as it is, a space as `%20`. */
function odataQuery(query: ListQuery): string {
  const options: [string, string | undefined][] = [
    ["$select", query.select && [...new Set([...query.select, "id", "status"])].join(",")],
    ["$filter", query.filter],
    ["$orderby", query.orderBy],
    ["$top", wholeNumber(query.top)],
    ["$skip", wholeNumber(query.skip)],
    ["$count", query.count === undefined ? undefined : String(query.count)],
  ];
  const parts = options.flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [`${name}=${encode(value)}`],
  );
  return parts.length === 0 ? "" : `?${parts.join("&")}`;
}

function wholeNumber(value: number | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (!Number.isSafeInteger(value) || value < 0) throw refused(LIST, "INVALID_QUERY");
  return String(value);
}

function encode(value: string): string {
  // A lone surrogate has no UTF-8 form.
  if (!value.isWellFormed()) throw refused(LIST, "INVALID_QUERY");
  return encodeURIComponent(value);
}

function protocolError({ call }: Answer, code: string) {
  return unusableAnswer(call, call.status, { code: code, cause: undefined });
}

function property(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}
