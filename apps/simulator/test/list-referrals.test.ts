import { describe, expect, test } from "vitest";
import { EXAMPLE_REFERRAL_ID, type JsonObject, type Simulator } from "../src/index.ts";
import { compileFilter, FilterSyntaxError } from "../src/odata-filter.ts";
import { at, call, LIST, patch, start } from "./harness.ts";

async function list(simulator: Simulator, query: Record<string, string>) {
  const reply = await call(simulator, "GET", `${LIST}?${new URLSearchParams(query)}`);
  return { ...reply, value: (reply.body.value ?? []) as JsonObject[] };
}

async function listAll(simulator: Simulator, query: Record<string, string> = {}) {
  const pages: JsonObject[][] = [];
  let next: string | undefined = `${simulator.url}${LIST}?${new URLSearchParams(query)}`;
  while (next !== undefined) {
    const { body } = await call(simulator, "GET", next);
    pages.push(body.value as JsonObject[]);
    next = body["@odata.nextLink"] as string | undefined;
  }
  return { pages, ids: pages.flat().map(({ id }) => id) };
}

test("pages hold 100 and lead to every referral once", async () => {
  const simulator = await start({ referrals: 250 });
  const { pages, ids } = await listAll(simulator);
  expect(pages.map((page) => page.length)).toEqual([100, 100, 50]);
  expect(new Set(ids).size).toBe(250);
});

test("the next link is absolute and keeps the query", async () => {
  const simulator = await start({ referrals: 150 });
  const { body } = await list(simulator, { $select: "id", $count: "true" });
  const next = String(body["@odata.nextLink"]);
  expect(next.startsWith(`${simulator.url}${LIST}?`)).toBe(true);
  expect(body["@odata.count"]).toBe(150);
  const second = await call(simulator, "GET", next);
  expect(second.body["@odata.count"]).toBe(150);
  expect(Object.keys(at(second.body, "value/0") as JsonObject)).toEqual(["id"]);
});

test("writes between pages neither repeat nor hide a referral", async () => {
  const simulator = await start({ referrals: 250 });
  const query = { $orderby: "updatedDateTime desc", $filter: "name ne 'moved'" };
  const first = await list(simulator, query);
  await patch(simulator, [{ op: "replace", path: "/name", value: "moved" }]);
  const second = await call(simulator, "GET", String(first.body["@odata.nextLink"]));
  const third = await call(simulator, "GET", String(second.body["@odata.nextLink"]));
  const ids = [first, second, third].flatMap(({ body }) =>
    (body.value as JsonObject[]).map(({ id }) => id),
  );
  expect(ids).toHaveLength(250);
  expect(new Set(ids).size).toBe(250);
});

test("$top and $skip cut out a part, over pages too", async () => {
  const simulator = await start({ referrals: 250 });
  const { ids } = await listAll(simulator);
  expect((await listAll(simulator, { $top: "3", $skip: "5" })).ids).toEqual(ids.slice(5, 8));
  expect((await listAll(simulator, { $top: "120", $skip: "10" })).ids).toEqual(ids.slice(10, 130));
  expect((await listAll(simulator, { $skip: "249" })).ids).toEqual(ids.slice(249));
  expect((await listAll(simulator, { $top: "0" })).ids).toEqual([]);
});

test("filter, order, $skip, $top and $count go together; the count is of everything the filter lets through", async () => {
  const simulator = await start({ referrals: 250 });
  const query = {
    $filter: "direction eq 'Incoming'",
    $orderby: "updatedDateTime desc",
    $count: "true",
  };
  const { ids } = await listAll(simulator, query);
  expect(ids.length).toBeGreaterThan(20);
  const { body, value } = await list(simulator, { ...query, $skip: "7", $top: "9" });
  expect(value.map(({ id }) => id)).toEqual(ids.slice(7, 16));
  expect(body["@odata.count"]).toBe(ids.length);
  expect(body).not.toHaveProperty(["@odata.nextLink"]);
});

test("a part is cut out of the list as it is now, with what came and went", async () => {
  const simulator = await start({ referrals: 30 });
  const query = { $orderby: "createdDateTime asc" };
  const { ids } = await listAll(simulator, query);
  simulator.control.deleteReferral(String(ids[4]));
  simulator.control.putReferral("00000000-0000-4000-8000-000000000001", { status: "New" });
  const rest = await list(simulator, { ...query, $skip: "9" });
  expect(rest.value.map(({ id }) => id)).toEqual([
    ...ids.slice(10),
    "00000000-0000-4000-8000-000000000001",
  ]);
});

test.each(["createdDateTime", "updatedDateTime"])("ordered by %s, both ways", async (property) => {
  const simulator = await start({ referrals: 120 });
  await patch(simulator, [{ op: "replace", path: "/name", value: "newest" }]);
  const times = async (order: string) =>
    (await listAll(simulator, { $orderby: `${property} ${order}` })).pages
      .flat()
      .map((referral) => String(referral[property]));
  const ascending = await times("asc");
  expect(ascending).toEqual([...ascending].sort());
  expect(await times("desc")).toEqual([...ascending].reverse());
});

test("a changed referral comes first when the newest is asked for", async () => {
  const simulator = await start({ referrals: 120 });
  await list(simulator, { $orderby: "updatedDateTime desc" });
  const changed = await patch(simulator, [{ op: "replace", path: "/name", value: "newest" }]);
  const { value } = await list(simulator, { $orderby: "updatedDateTime desc", $top: "1" });
  expect(value).toEqual([changed.body]);
});

describe("the documented filters", () => {
  test("by engagement", async () => {
    const simulator = await start();
    const some = (await list(simulator, {})).value[7] as JsonObject;
    const { value } = await list(simulator, {
      $filter: `engagementId eq '${String(some.engagementId)}'`,
    });
    expect(value).toEqual([some]);
  });

  test.each<[string, (referral: JsonObject) => boolean]>([
    [
      "status eq 'New' and qualification eq 'SalesQualified'",
      (r) => r.status === "New" && r.qualification === "SalesQualified",
    ],
    [
      "customerProfile/address/country eq 'US' and direction eq 'Incoming'",
      (r) => at(r, "customerProfile/address/country") === "US" && r.direction === "Incoming",
    ],
    ["externalReferenceId eq 'CRM-000003'", (r) => r.externalReferenceId === "CRM-000003"],
    ["status ne 'New'", (r) => r.status !== "New"],
    [
      "status eq 'Closed' or status eq 'Active' and type eq 'Shared'",
      (r) => r.status === "Closed" || (r.status === "Active" && r.type === "Shared"),
    ],
    [
      "(status eq 'Closed' or status eq 'Active') and not (type eq 'Shared')",
      (r) => (r.status === "Closed" || r.status === "Active") && r.type !== "Shared",
    ],
    ["details/dealValue ge 50000", (r) => Number(at(r, "details/dealValue")) >= 50000],
    ["consent/consentToContact eq false", (r) => at(r, "consent/consentToContact") === false],
    ["acceptedDateTime eq null", (r) => r.acceptedDateTime === null],
    [
      "not (not (status eq 'New' or name eq '') and direction ne 'Incoming')",
      (r) => r.status === "New" || r.direction === "Incoming",
    ],
    [
      "details/dealValue gt -3.25 and details/dealValue le 50000.00",
      (r) => Number(at(r, "details/dealValue")) <= 50000,
    ],
    [
      "createdDateTime gt 2026-01-05T08:30:00Z and createdDateTime le 2026-01-05T08:50:26.8964120Z",
      (r) =>
        String(r.createdDateTime) > "2026-01-05T08:30:00Z" &&
        String(r.createdDateTime) <= "2026-01-05T08:50:26.8964120Z",
    ],
    [
      "inviteContext/invitedBy/organizationName ne 'x' and statusReason eq null",
      (r) => r.statusReason === null || r.statusReason === undefined,
    ],
    ["name ge 'M' and name lt 'Z'", (r) => String(r.name) >= "M" && String(r.name) < "Z"],
    ["statusReason eq null", (r) => r.statusReason === null || r.statusReason === undefined],
  ])("%s", async (filter, isWanted) => {
    const simulator = await start({ referrals: 100 });
    const everything = (await list(simulator, {})).value;
    const { value, status } = await list(simulator, { $filter: filter });
    expect(status).toBe(200);
    expect(value).toEqual(everything.filter(isWanted));
    expect(value.length).toBeGreaterThan(0);
  });

  test.each(["ge", "gt", "le", "lt"])("updatedDateTime %s a time", async (operator) => {
    const simulator = await start({ referrals: 60 });
    const everything = (await list(simulator, {})).value;
    const times = everything.map(({ updatedDateTime }) => String(updatedDateTime)).sort();
    const pivot = times[30] ?? "";
    const { value } = await list(simulator, { $filter: `updatedDateTime ${operator} ${pivot}` });
    const expected = { ge: 30, gt: 29, le: 31, lt: 30 }[operator];
    expect(value).toHaveLength(expected ?? -1);
  });

  test("a quote in a text is doubled", async () => {
    const simulator = await start();
    await patch(simulator, [{ op: "replace", path: "/name", value: "Bob's 'big' deal" }]);
    const { value } = await list(simulator, { $filter: "name eq 'Bob''s ''big'' deal'" });
    expect(value).toHaveLength(1);
  });
});

test.each([
  ["$filter", "status in ('New','Active')"],
  ["$filter", "contains(name,'x')"],
  ["$filter", "status eq New"],
  ["$filter", "status eq 'New"],
  ["$filter", "status eq 'New' and"],
  ["$filter", "(status eq 'New'"],
  ["$filter", "status == 'New'"],
  ["$filter", "colour eq 'red'"],
  ["$filter", ""],
  ["$filter", "updatedDateTime ge 2026-99-01"],
  ["$orderby", "name"],
  ["$orderby", "updatedDateTime upwards"],
  ["$top", "-1"],
  ["$skip", "many"],
  ["$count", "maybe"],
  ["$select", "id,colour"],
  ["$expand", "team"],
  ["$skiptoken", "forged"],
])("%s=%s is refused", async (name, text) => {
  const simulator = await start();
  const reply = await list(simulator, { [name]: text });
  expect(reply).toMatchObject({
    status: 400,
    body: { error: { code: "invalidRequest", target: name } },
  });
});

test("a page link outlives the memory of its listing", async () => {
  const simulator = await start({ referrals: 120 });
  const first = await list(simulator, {});
  for (let other = 0; other < 40; other += 1) await list(simulator, {});
  const second = await call(simulator, "GET", String(first.body["@odata.nextLink"]));
  expect(second.body.value).toHaveLength(20);
});

test("$select takes parts of properties", async () => {
  const simulator = await start();
  const { value } = await list(simulator, {
    $select: "id,details/notes,details/currency",
    $top: "1",
  });
  expect(Object.keys(value[0] ?? {})).toEqual(["id", "details"]);
  expect(Object.keys(value[0]?.details as JsonObject)).toEqual(["notes", "currency"]);
});

test("a filter that would exhaust the stack is refused", () => {
  expect(() => compileFilter(`${"(".repeat(5000)}status eq 'New'`)).toThrow(FilterSyntaxError);
});

test("external ids are found alone as in company, and follow every change", async () => {
  const simulator = await start({ referrals: 30 });
  const ids = async ($filter: string): Promise<unknown[]> =>
    (await list(simulator, { $filter })).value.map(({ id }) => id);
  const both = async (externalId: string): Promise<unknown[]> => {
    const alone = await ids(`externalReferenceId eq '${externalId}'`);
    expect(alone).toEqual(await ids(`externalReferenceId eq '${externalId}' and name ne 'x'`));
    return alone;
  };
  const [seventh] = await both("CRM-000007");
  const [eighth] = await both("CRM-000008");
  await call(simulator, "PATCH", `${LIST}/${seventh}`, {
    body: [{ op: "replace", path: "/externalReferenceId", value: "O''Neil" }],
  });
  expect(await both("CRM-000007")).toEqual([]);
  expect(await both("O''''Neil")).toEqual([seventh]);
  const { control } = simulator;
  control.changeReferrals({
    ids: [String(eighth), String(seventh)],
    patch: [{ op: "replace", path: "/externalReferenceId", value: "twice" }],
  });
  expect(await both("twice")).toEqual([seventh, eighth]);
  control.deleteReferral(String(seventh));
  expect(await both("twice")).toEqual([eighth]);
  control.reset();
  expect(await both("CRM-000007")).toEqual([seventh]);
  expect(await both("twice")).toEqual([]);
});

test("external ids can be asked for, or left out", async () => {
  const own = await start({ externalIds: "SF/" });
  expect(own.control.referral(EXAMPLE_REFERRAL_ID)?.externalReferenceId).toBe("SF/000001");
  const none = await start({ externalIds: "none" });
  expect((await list(none, { $filter: "externalReferenceId eq null" })).value).toHaveLength(20);
});
