import { EXAMPLE_REFERRAL_ID, type JsonObject } from "@patchlane/simulator";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { cursorOf, type Place, readCursor } from "../../src/referrals/cursor.ts";
import { newReferral } from "../support/referrals.ts";
import { type Stack, startStack } from "../support/stack.ts";

interface Page {
  readonly nodes: readonly { readonly id: string; readonly name: string; readonly etag: string }[];
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly id: string } }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

const LIST = `query ($first: Int, $after: String, $status: ReferralStatus, $filter: String, $orderBy: String) {
  referrals(first: $first, after: $after, status: $status, filter: $filter, orderBy: $orderBy) {
    nodes { id name etag } edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());
beforeEach(() => {
  stack.simulator.control.reset();
  stack.simulator.control.deleteReferral(EXAMPLE_REFERRAL_ID);
});

async function read(variables: Readonly<Record<string, unknown>> = {}): Promise<Page> {
  const { data, errors } = await stack.ask<{ referrals: Page }>(LIST, variables);
  expect(errors).toBeUndefined();
  return data.referrals;
}

async function refusal(variables: Readonly<Record<string, unknown>>) {
  const { data, errors } = await stack.ask(LIST, variables);
  expect(data).toBeNull();
  return { message: errors?.[0]?.message, ...errors?.[0]?.extensions };
}

/** The `n`th of the referrals a test makes. */
const timeOf = (n: number): string =>
  `${new Date(Date.UTC(2026, 0, 1) + n * 60_000).toISOString().slice(0, -1)}1234Z`;

function addMany(count: number, more: (n: number) => JsonObject = () => ({})): string[] {
  return Array.from({ length: count }, (_, n) =>
    newReferral(stack.simulator, { name: `number ${n}`, createdDateTime: timeOf(n), ...more(n) }),
  );
}

async function readAll(
  variables: Readonly<Record<string, unknown>>,
  between: (page: number, ids: readonly string[]) => void = () => {},
): Promise<string[]> {
  const ids: string[] = [];
  let after: string | null = null;
  for (let number = 1; ; number++) {
    const page = await read({ ...variables, after });
    ids.push(...page.nodes.map(({ id }) => id));
    if (!page.pageInfo.hasNextPage) {
      return ids;
    }
    after = page.pageInfo.endCursor;
    between(
      number,
      page.nodes.map(({ id }) => id),
    );
  }
}

/** The lists the upstream was asked for, as it was asked. */
function asked(): string[] {
  return stack.simulator.control
    .requests()
    .filter(({ path }) => path.includes("referrals?"))
    .map(({ path }) => decodeURIComponent(path.slice(path.indexOf("?"))));
}

test("a page, its edges and what it says about itself", async () => {
  const ids = addMany(3);
  const page = await read({ first: 2 });
  expect(page.nodes.map(({ id }) => id)).toEqual(ids.slice(0, 2));
  expect(page.nodes[0]).toMatchObject({
    name: "number 0",
    etag: stack.simulator.control.referral(ids[0] ?? "")?.eTag,
  });
  expect(page.edges.map(({ node }) => node.id)).toEqual(ids.slice(0, 2));
  const { endCursor } = page.pageInfo;
  expect(page.pageInfo).toEqual({
    hasNextPage: true,
    hasPreviousPage: false,
    startCursor: page.edges[0]?.cursor,
    endCursor: page.edges[1]?.cursor,
  });
  const second = await read({ first: 2, after: endCursor });
  expect(second.nodes.map(({ id }) => id)).toEqual(ids.slice(2));
  expect(second.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
  const third = await read({ first: 2, after: second.pageInfo.endCursor });
  expect(third).toMatchObject({ nodes: [], pageInfo: { hasNextPage: false, endCursor: null } });
});

test("an empty list, and a page of nothing", async () => {
  const nothing = { startCursor: null, endCursor: null };
  expect(await read()).toEqual({
    nodes: [],
    edges: [],
    pageInfo: { hasNextPage: false, hasPreviousPage: false, ...nothing },
  });
  addMany(1);
  expect(await read({ first: 0 })).toMatchObject({
    nodes: [],
    pageInfo: { hasNextPage: true, ...nothing },
  });
});

test("what the upstream is asked for: one call a page, documented options only", async () => {
  addMany(60);
  const page = await read();
  await read({ after: page.pageInfo.endCursor });
  await read({
    first: 5,
    status: "New",
    filter: "customerProfile.name eq 'O''Neil & Sons' or direction eq 'Incoming'",
    orderBy: "updatedDateTime desc",
  });
  expect(asked()).toEqual([
    "?$orderby=createdDateTime asc&$top=51",
    "?$orderby=createdDateTime asc&$top=62&$skip=39",
    "?$filter=status eq 'New' and (customerProfile/name eq 'O''Neil & Sons' or direction eq 'Incoming')" +
      "&$orderby=updatedDateTime desc&$top=6",
  ]);
});

test("a text in a filter stays within it, to the letter, whatever it holds", async () => {
  const texts = [
    "x&$top=1",
    "x&$filter=name eq 'y'",
    "%27 or 1 eq 1",
    "' or 1 eq 1 or name eq '",
    "#?/../",
    "a+b",
    "\u2019\uff07",
    "\u{1f600}",
  ];
  for (const text of texts) {
    stack.simulator.control.clearRequests();
    await read({ filter: `name eq '${text.replaceAll("'", "''")}'` });
    const [{ path = "" } = {}, ...more] = stack.simulator.control.requests();
    expect(more).toEqual([]);
    expect(path).toMatch(/^\/v1\.0\/engagements\/referrals\?[\w$=%'().!~*&-]+$/);
    expect(Object.fromEntries(new URL(path, "http://upstream").searchParams)).toEqual({
      $filter: `name eq '${text.replaceAll("'", "''")}'`,
      $orderby: "createdDateTime asc",
      $top: "51",
    });
  }
});

test("the total is asked for only when it is wanted", async () => {
  addMany(3);
  const count = async (selection: string) => {
    const fragment = selection.includes("...Count")
      ? "fragment Count on ReferralConnection { totalCount }"
      : "";
    const query = `${fragment} { all: referrals(first: 1) { ${selection} } }`;
    return (await stack.ask<{ all: object }>(query)).data.all;
  };
  expect(await count("totalCount pageInfo { hasNextPage }")).toMatchObject({ totalCount: 3 });
  expect(await count("nodes { id } ... { ...Count }")).toMatchObject({ totalCount: 3 });
  expect(await count("nodes { id } ...Count @skip(if: true)")).not.toHaveProperty("totalCount");
  await stack.ask(LIST);
  expect(asked().map((query) => query.includes("$count=true"))).toEqual([true, true, true, false]);
});

test("the total is that of the whole list as it is, on every page", async () => {
  const ids = addMany(120);
  const query = `query ($after: String) {
    referrals(first: 80, after: $after) { totalCount nodes { id } pageInfo { endCursor } }
  }`;
  const ask = async (after?: string | null) =>
    (await stack.ask<{ referrals: Page & { totalCount: number } }>(query, { after })).data
      .referrals;
  const first = await ask();
  for (const id of ids.slice(0, 60)) {
    stack.simulator.control.deleteReferral(id);
  }
  const second = await ask(first.pageInfo.endCursor);
  expect([first.totalCount, second.totalCount]).toEqual([120, 60]);
  expect(second.nodes.map(({ id }) => id)).toEqual(ids.slice(80));
  expect(asked().filter((line) => line.includes("$count"))).toHaveLength(2); // once for each page
});

test.each([100, 99, 90, 50, 7])("250 by %i come once each", async (first) => {
  const ids = addMany(250);
  expect(await readAll({ first })).toEqual(ids);
  expect(await readAll({ first, orderBy: "createdDateTime desc" })).toEqual(ids.toReversed());
});

describe("what changes between two pages", () => {
  test.each([
    "createdDateTime",
    "createdDateTime desc",
    "updatedDateTime asc",
    "updatedDateTime desc",
  ])("neither repeats nor skips what does not, by %s", async (orderBy) => {
    const ids = addMany(120);
    const { control } = stack.simulator;
    const touched = new Set<string>();
    const listed = await readAll({ first: 25, orderBy }, (page, before) => {
      const at = (n: number): string => ids[n] ?? "";
      touched.add(newReferral(stack.simulator)); // the newest of all
      touched.add(newReferral(stack.simulator, { createdDateTime: timeOf(-page) })); // and the oldest
      for (const id of [before.at(-1) ?? "", before[3] ?? "", at(60 + page)]) {
        touched.add(id);
        control.deleteReferral(id);
      }
      for (const id of [before[5] ?? "", at(70 + page)]) {
        const known = control.referral(id);
        if (known !== undefined) {
          touched.add(id);
          control.putReferral(id, { ...known, name: "changed" });
        }
      }
    });
    const untouched = ids.filter((id) => !touched.has(id));
    const expected = orderBy.endsWith("desc") ? untouched.toReversed() : untouched;
    expect(listed.filter((id) => !touched.has(id))).toEqual(expected);
    expect(untouched.length).toBeGreaterThan(80);
  });

  test("oldest change first, what is changed comes again at the end", async () => {
    const ids = addMany(40);
    const listed = await readAll({ first: 15, orderBy: "updatedDateTime" }, (page) => {
      const known = stack.simulator.control.referral(ids[2] ?? "");
      if (page === 1 && known !== undefined) {
        stack.simulator.control.putReferral(ids[2] ?? "", { ...known, name: "changed" });
      }
    });
    expect(listed).toEqual([...ids, ids[2]]);
  });

  test("a page that leaves the filter when it is dealt with takes none of the next along", async () => {
    const ids = addMany(130);
    const listed = await readAll({ first: 30, status: "New" }, (_page, before) => {
      for (const id of before) {
        const known = stack.simulator.control.referral(id) ?? {};
        stack.simulator.control.putReferral(id, { ...known, status: "Active" });
      }
    });
    expect(listed).toEqual(ids);
  });
});

describe("cursors", () => {
  test("of another list, changed or made up are refused", async () => {
    addMany(5);
    const cursor = (await read({ first: 2 })).pageInfo.endCursor ?? "";
    const elsewhere = (await read({ first: 2, orderBy: "updatedDateTime" })).pageInfo.endCursor;
    const end = cursor.at(-3) === "A" ? "B" : "A";
    const forged = [
      "",
      "1",
      "null",
      `${cursor}A`,
      `${cursor} `,
      cursor.slice(0, -1),
      cursor.slice(0, 16),
      `${cursor.slice(0, -3)}${end}${cursor.slice(-2)}`,
      `A${cursor.slice(1)}` === cursor ? `B${cursor.slice(1)}` : `A${cursor.slice(1)}`,
      `${cursor.slice(0, 16)}${Buffer.from('[-1,"x",null]').toString("base64url")}`,
      "../../etc/passwd",
      "\u0000",
      "é".repeat(100),
      "x".repeat(100_000),
      elsewhere,
    ];
    stack.simulator.control.clearRequests();
    for (const after of forged) {
      expect(await refusal({ first: 2, after })).toMatchObject({
        code: "BAD_USER_INPUT",
        message: "after must be a cursor of this list: same filter, status and orderBy",
      });
    }
    for (const list of [
      { status: "New" },
      { filter: "name eq 'x'" },
      { orderBy: "createdDateTime desc" },
    ]) {
      expect(await refusal({ first: 2, after: cursor, ...list })).toMatchObject({
        code: "BAD_USER_INPUT",
      });
    }
    expect(asked()).toEqual([]);
  });

  test("that only look right are refused", () => {
    const place = { offset: 3, id: "x", value: null };
    expect(readCursor("list", cursorOf("list", place))).toEqual(place);
    for (const wrong of [
      { offset: -1 },
      { offset: 1.5 },
      { offset: 1e300 },
      { id: 7 },
      { value: {} },
    ]) {
      const made = cursorOf("list", { ...place, ...(wrong as Partial<Place>) });
      expect(() => readCursor("list", made)).toThrow("after must be a cursor of this list");
    }
  });

  test("hold for the same list said in other words, and for any size of page", async () => {
    const ids = addMany(5);
    const { pageInfo } = await read({ first: 2, filter: "(status eq 'New')" });
    const { nodes } = await read({ first: 1, after: pageInfo.endCursor, status: "New" });
    expect(nodes.map(({ id }) => id)).toEqual([ids[2]]);
  });
});

test.each([
  [{ first: -1 }, "first must be 0 to 100"],
  [{ first: 101 }, "first must be 0 to 100"],
  [{ orderBy: "name" }, "orderBy must be createdDateTime or updatedDateTime, with asc or desc"],
  [{ orderBy: "createdDateTime DESC" }, "orderBy must be"],
  [{ orderBy: "createdDateTime desc, name" }, "orderBy must be"],
  [{ orderBy: "createdDateTime desc&$top=1" }, "orderBy must be"],
  [{ orderBy: "" }, "orderBy must be"],
  [{ orderBy: `createdDateTime${" ".repeat(200)}desc` }, "orderBy must be"],
  [{ filter: "name eq 'a' or 1 eq 1" }, "filter, character 16: expected a field"],
])("%j is refused without a call", async (variables, message) => {
  expect(await refusal(variables)).toMatchObject({
    code: "BAD_USER_INPUT",
    message: expect.stringContaining(message),
  });
  expect(asked()).toEqual([]);
});

test("filters find what they say", async () => {
  const ids = addMany(6, (n) => ({
    name: ["O'Neil & Sons", "100% +x", "a/b?c#d", "\u{1f600} é", "back\\slash", "plain"][n] ?? "",
    details: { dealValue: 1000 * n, currency: "USD", notes: null },
    consent: { consentToToShareInfoWithOthers: true, consentToContact: n % 2 === 0 },
    customerProfile: { name: "x", address: { country: n < 3 ? "US" : "DE" }, team: [] },
  }));
  const found = async (filter: string) =>
    (await read({ filter })).nodes.map(({ id }) => ids.indexOf(id));
  expect(await found("name eq 'O''Neil & Sons'")).toEqual([0]);
  expect(await found("name eq '100% +x'")).toEqual([1]);
  expect(await found("name eq 'a/b?c#d'")).toEqual([2]);
  expect(await found("name eq '\u{1f600} é'")).toEqual([3]);
  expect(await found("name eq 'back\\slash'")).toEqual([4]);
  expect(await found("details/dealValue ge 4000")).toEqual([4, 5]);
  expect(await found("details.dealValue lt 1000.50 and consent.consentToContact eq false")).toEqual(
    [1],
  );
  expect(await found("details/notes eq null and customerProfile/address/country eq 'DE'")).toEqual([
    3, 4, 5,
  ]);
  expect(await found("not (name eq 'plain' or customerProfile/address/country eq 'US')")).toEqual([
    3, 4,
  ]);
  expect(
    await found(`createdDateTime gt ${timeOf(1)} and createdDateTime le ${timeOf(3)}`),
  ).toEqual([2, 3]);
  expect(await found("createdDateTime ge 2026-01-02")).toEqual([]);
  expect(await found("name eq ''' or name ne '''")).toEqual([]);
});

test("what is listed is known to the queue", async () => {
  const [id = ""] = addMany(1);
  const { nodes } = await read();
  const knownEtag = async (): Promise<unknown> => (await stack.queue.known.get(id))?.etag;
  await expect.poll(knownEtag, { timeout: 10_000 }).toBe(nodes[0]?.etag);
});

describe("an upstream that", () => {
  const onList = { method: "GET", pathPattern: "referrals$", times: 1 };

  test("refuses is quoted with its code, not its words", async () => {
    stack.simulator.control.addFaults({
      match: onList,
      fault: {
        kind: "status",
        status: 400,
        body: { error: { code: "invalidRequest", message: "secret@example.com" } },
      },
    });
    const refused = await refusal({ filter: "name gt 'secret'" });
    expect(refused).toMatchObject({
      code: "UPSTREAM_REFUSED",
      message: expect.stringContaining("Partner Center refused to list this"),
      upstreamStatus: 400,
      clientRequestId: expect.any(String),
    });
    expect(JSON.stringify([refused, stack.logged])).not.toContain("secret");
  });

  test("denies or is away is told apart", async () => {
    stack.simulator.control.addFaults({
      match: onList,
      fault: { kind: "status", status: 403 },
    });
    expect(await refusal({})).toMatchObject({
      code: "FORBIDDEN",
      message: "Partner Center denies the list of referrals",
    });
    stack.simulator.control.addFaults({
      match: onList,
      fault: { kind: "status", status: 503 },
    });
    expect(await refusal({})).toMatchObject({ code: "SERVICE_UNAVAILABLE" });
    expect((await read()).nodes).toEqual([]);
  });
});
