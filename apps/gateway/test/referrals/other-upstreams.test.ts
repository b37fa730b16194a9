import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Stack, startStack } from "../support/stack.ts";

/** How the upstream answers a list: what stands behind `?`, and how often it was asked. */
type Answer = (query: URLSearchParams) => object;

const COUNT = 130;
const referrals = Array.from({ length: COUNT }, (_, n) => ({
  id: `r${n}`,
  status: "New",
  createdDateTime: new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString(),
}));

let answer: Answer;
let calls = 0;
let upstream: Server;
let stack: Stack;
beforeAll(async () => {
  upstream = createServer((request, response) => {
    calls += 1;
    const body = answer(new URL(request.url ?? "", "http://upstream").searchParams);
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  upstream.listen(0, "127.0.0.1");
  await once(upstream, "listening");
  const { port } = upstream.address() as AddressInfo;
  stack = await startStack({ upstreamUrl: `http://127.0.0.1:${port}` });
});
afterAll(async () => {
  await stack.close();
  upstream.closeAllConnections();
  upstream.close();
});

async function readAll(first: number): Promise<string[]> {
  const query = `query ($first: Int, $after: String) { referrals(first: $first, after: $after) {
    totalCount nodes { id etag } pageInfo { hasNextPage endCursor } } }`;
  interface Page {
    readonly totalCount: number | null;
    readonly nodes: readonly { readonly id: string }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  }
  const ids: string[] = [];
  calls = 0;
  let after: string | null = null;
  for (;;) {
    const answered: { data: { referrals: Page }; errors?: unknown } = await stack.ask(query, {
      first,
      after,
    });
    const { nodes, pageInfo, totalCount } = answered.data.referrals;
    expect(answered.errors).toBeUndefined();
    expect(totalCount).toBeNull(); // none of these counts
    ids.push(...nodes.map(({ id }) => id));
    if (!pageInfo.hasNextPage) {
      return ids;
    }
    expect(nodes).toHaveLength(first);
    after = pageInfo.endCursor;
  }
}

const whole = (query: URLSearchParams) => {
  const skip = Number(query.get("$skip") ?? 0);
  return referrals.slice(skip, skip + Number(query.get("$top") ?? COUNT));
};
const everyId = referrals.map(({ id }) => id);

test.each([50, 100])("small pages are followed to the end, by %i", async (first) => {
  answer = (query) => {
    const at = Number(query.get("$skiptoken") ?? 0);
    const value = whole(query).slice(at, at + 20);
    const isLast = at + 20 >= whole(query).length;
    query.set("$skiptoken", String(at + 20));
    return isLast ? { value } : { value, "@odata.nextLink": `referrals?${query}` };
  };
  expect(await readAll(first)).toEqual(everyId);
});

test("one that has a single page, and leaves out $top, $skip and $orderby", async () => {
  const shown = referrals.slice(0, 100).toReversed();
  answer = () => ({ value: shown });
  expect(await readAll(20)).toEqual(shown.map(({ id }) => id));
});

test("items that are no referral are left out, the others come", async () => {
  const isNone = (_: unknown, n: number): boolean => n % 3 === 0;
  answer = (query) => {
    const skip = Number(query.get("$skip") ?? 0);
    const shown = (referral: object, n: number) => (isNone(referral, skip + n) ? {} : referral);
    return { value: whole(query).map(shown) };
  };
  expect(await readAll(30)).toEqual(everyId.filter((id, n) => !isNone(id, n)));
});

test("referrals without times are paged by number", async () => {
  answer = (query) => ({ value: whole(query).map(({ id, status }) => ({ id, status })) });
  expect(await readAll(40)).toEqual(everyId);
  expect(calls).toBe(4);
});
