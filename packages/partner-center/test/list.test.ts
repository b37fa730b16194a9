import { expect, test } from "vitest";
import type { ListQuery, ReferralPage } from "../src/index.ts";
import { clientOf, json, referralDocument, rejection, startUpstream } from "./support/upstream.ts";

const item = (id: string) => ({ ...referralDocument, id });

async function collect(pages: AsyncIterable<ReferralPage>): Promise<ReferralPage[]> {
  const all: ReferralPage[] = [];
  for await (const page of pages) all.push(page);
  return all;
}

test("follows next links to the end, absolute and relative", async () => {
  const upstream = await startUpstream((request, response) => {
    const skip = new URL(request.url, "http://x").searchParams.get("$skiptoken");
    if (skip === null) {
      json(response, 200, {
        "@odata.count": 3,
        value: [item("a"), item("b")],
        "@odata.nextLink": `${upstream.origin}/v1.0/engagements/referrals?$skiptoken=2`,
      });
    } else if (skip === "2") {
      json(response, 200, { value: [], "@odata.nextLink": "referrals?$skiptoken=3" });
    } else {
      json(response, 200, { value: [item("c")] });
    }
  });
  const pages = await collect(clientOf(upstream.origin).listReferrals({ count: true }));
  expect(pages.map((page) => page.referrals.map((referral) => referral.id))).toEqual([
    ["a", "b"],
    [],
    ["c"],
  ]);
  expect(pages[0]).toMatchObject({ count: 3, unreadableCount: 0, call: { status: 200 } });
  expect(pages[2]?.nextLink).toBeUndefined();
  const ids = upstream.requests.map((request) => request.headers["client-request-id"]);
  expect(new Set(ids).size).toBe(3);
});

test("stops asking when the caller stops reading, and resumes from a next link", async () => {
  const upstream = await startUpstream((request, response) => {
    const isFirst = !request.url.includes("page2");
    const next = `${upstream.origin}/v1.0/engagements/referrals?page2`;
    json(response, 200, {
      value: [item(isFirst ? "a" : "b")],
      ...(isFirst && { "@odata.nextLink": next }),
    });
  });
  const client = clientOf(upstream.origin);
  let nextLink: string | undefined;
  for await (const page of client.listReferrals()) {
    nextLink = page.nextLink;
    break;
  }
  expect(upstream.requests).toHaveLength(1);
  const rest = await collect(client.listReferrals({ nextLink, filter: "ignored" }));
  expect(rest.flatMap((page) => page.referrals.map((referral) => referral.id))).toEqual(["b"]);
  expect(upstream.requests[1]?.url).toBe("/v1.0/engagements/referrals?page2");
});

test.each<[ListQuery, string]>([
  [{}, ""],
  [{ top: 5, skip: 0, count: true }, "?$top=5&$skip=0&$count=true"],
  [
    { filter: "status eq 'New' and name eq 'A&B+ü'", orderBy: "updatedDateTime desc" },
    "?$filter=status%20eq%20'New'%20and%20name%20eq%20'A%26B%2B%C3%BC'&$orderby=updatedDateTime%20desc",
  ],
  [{ select: ["name", "id"] }, "?$select=name%2Cid%2Cstatus"],
])("query %j is spelt %s", async (query, expected) => {
  const upstream = await startUpstream((_request, response) => json(response, 200, { value: [] }));
  await collect(clientOf(upstream.origin).listReferrals(query));
  expect(upstream.requests[0]?.url).toBe(`/v1.0/engagements/referrals${expected}`);
});

test.each<ListQuery>([{ top: -1 }, { skip: 1.5 }, { top: Number.NaN }, { filter: "\ud800" }])(
  "query %j is refused before it is sent",
  async (query) => {
    const upstream = await startUpstream((_request, response) =>
      json(response, 200, { value: [] }),
    );
    const error = await rejection(collect(clientOf(upstream.origin).listReferrals(query)));
    expect(error).toMatchObject({ kind: "rejected", code: "INVALID_QUERY", wasSent: false });
    expect(upstream.requests).toHaveLength(0);
  },
);

test.each([
  "https://evil.example/v1.0/engagements/referrals?x",
  "//evil.example/v1.0/engagements/referrals?x",
  "http://127.0.0.1:1/v1.0/engagements/referrals?x",
  "ORIGIN/v2.0/engagements/referrals?x",
  "ORIGIN/v1.0/customers?x",
  "ORIGIN/v1.0/engagements/referrals/../../customers?x",
  "ORIGIN/v1.0/engagements/referrals/%2e%2e/x",
  "http://user:pw@HOST/v1.0/engagements/referrals?x",
  "javascript:alert(1)",
  "http://[",
  "",
  42,
  {},
])("the next link %j is not followed, and the token does not go there", async (link) => {
  const elsewhere: string[] = [];
  const upstream = await startUpstream((request, response) => {
    elsewhere.push(request.url);
    const host = upstream.origin.replace("http://", "");
    const nextLink =
      typeof link === "string"
        ? link.replace("ORIGIN", upstream.origin).replace("HOST", host)
        : link;
    json(response, 200, { value: [item("a")], "@odata.nextLink": nextLink });
  });
  const error = await rejection(collect(clientOf(upstream.origin).listReferrals()));
  expect(error).toMatchObject({ kind: "protocol", code: "FOREIGN_NEXT_LINK" });
  expect(elsewhere).toEqual(["/v1.0/engagements/referrals"]);
});

test("a foreign link given by the caller is refused unsent", async () => {
  const upstream = await startUpstream((_request, response) => json(response, 200, { value: [] }));
  const pages = clientOf(upstream.origin).listReferrals({ nextLink: "https://evil.example/" });
  expect(await rejection(collect(pages))).toMatchObject({
    code: "FOREIGN_NEXT_LINK",
    wasSent: false,
  });
  expect(upstream.requests).toHaveLength(0);
});

test("a list that leads back to itself, or never ends, is ended", async () => {
  let page = 0;
  const upstream = await startUpstream((request, response) => {
    const link = request.url.includes("loop") ? "?loop" : `?page=${++page}`;
    json(response, 200, { value: [], "@odata.nextLink": `referrals${link}` });
  });
  const client = clientOf(upstream.origin);
  const nextLink = `${upstream.origin}/v1.0/engagements/referrals?loop`;
  expect(await rejection(collect(client.listReferrals({ nextLink })))).toMatchObject({
    kind: "protocol",
    code: "REPEATED_NEXT_LINK",
  });
  expect(await rejection(collect(client.listReferrals({ maxPages: 4 })))).toMatchObject({
    kind: "protocol",
    code: "TOO_MANY_PAGES",
  });
  expect(page).toBe(4);
});

test("an item that is no referral is counted, the others survive", async () => {
  const upstream = await startUpstream((_request, response) =>
    json(response, 200, { value: [item("a"), null, 7, { name: "no id" }, item("b")] }),
  );
  const [page] = await collect(clientOf(upstream.origin).listReferrals());
  expect(page?.referrals.map((referral) => referral.id)).toEqual(["a", "b"]);
  expect(page?.unreadableCount).toBe(3);
});

test.each(["", "[]", "null", '{"value":{}}', "<html>"])(
  "a page like %j is no list",
  async (body) => {
    const upstream = await startUpstream((_request, response) => json(response, 200, body));
    const error = await rejection(collect(clientOf(upstream.origin).listReferrals()));
    expect(error).toMatchObject({ kind: "protocol", code: "MALFORMED_LIST", status: 200 });
  },
);

test("a failed page ends the iteration with its error", async () => {
  const upstream = await startUpstream((_request, response) => json(response, 403, {}));
  const error = await rejection(collect(clientOf(upstream.origin).listReferrals()));
  expect(error).toMatchObject({ kind: "forbidden", path: "/engagements/referrals" });
});
