import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Place } from "../../src/referrals/cursor.ts";
import type { ListOrder } from "../../src/referrals/order.ts";
import { readPage } from "../../src/referrals/read-page.ts";
import { ChangingList } from "../support/changing-list.ts";

const ORDERS: readonly ListOrder[] = [
  { property: "createdDateTime", isDescending: false },
  { property: "createdDateTime", isDescending: true },
  { property: "updatedDateTime", isDescending: false },
  { property: "updatedDateTime", isDescending: true },
];
const [BY_CREATION] = ORDERS as [ListOrder];

/** Pages through the list from the beginning to the end; `between` may change it after each page. */
async function listedIds(
  list: ChangingList,
  order: ListOrder,
  first: number,
  between: (page: number, ids: readonly string[]) => void = () => {},
): Promise<string[]> {
  const ids: string[] = [];
  let place: Place | undefined;
  for (let page = 1; ; page++) {
    const { referrals, hasMore } = await readPage(list.reader(order), { first, order, place });
    const pageIds = referrals.map(({ referral }) => referral.id);
    ids.push(...pageIds);
    place = referrals.at(-1)?.place ?? place;
    if (!hasMore) {
      return ids;
    }
    expect(pageIds).toHaveLength(first);
    between(page, pageIds);
  }
}

test.each([
  [0, 50, 1],
  [1, 50, 1],
  [50, 50, 1],
  [51, 50, 2],
  [100, 100, 1],
  [99, 99, 1],
  [100, 99, 2],
  [101, 100, 2],
  [500, 50, 10],
  [7, 1, 7],
])("%i referrals by %i come once each, in %i calls", async (count, first, calls) => {
  for (const order of ORDERS) {
    const list = new ChangingList();
    const ids = list.addMany(count);
    const expected = order.isDescending ? ids.reverse() : ids;
    expect(await listedIds(list, order, first)).toEqual(expected);
    expect(list.reads).toBe(calls);
  }
});

test("as many as fit the overlap come and go before the cursor without a second call", async () => {
  const list = new ChangingList();
  const ids = list.addMany(120);
  const listed = await listedIds(list, BY_CREATION, 50, (page) => {
    if (page === 1) {
      list.remove(...ids.slice(0, 10));
    }
  });
  expect(listed).toEqual(ids);
  expect(list.reads).toBe(3);
});

test("the referral of the cursor itself may be gone", async () => {
  const list = new ChangingList();
  const ids = list.addMany(30);
  const listed = await listedIds(list, BY_CREATION, 10, (_page, page) =>
    list.remove(page[9] ?? ""),
  );
  expect(listed).toEqual(ids);
});

test("also among many with the same time", async () => {
  const list = new ChangingList();
  const ids = Array.from({ length: 60 }, () => list.add(1));
  const listed = await listedIds(list, BY_CREATION, 10, (_page, page) =>
    list.remove(page[9] ?? ""),
  );
  expect(listed).toEqual(ids);
});

test("a page that is dealt with and thereby leaves the list takes none of the next with it", async () => {
  const list = new ChangingList();
  const ids = list.addMany(1_000);
  const listed = await listedIds(list, BY_CREATION, 50, (_page, page) => list.remove(...page));
  expect(listed).toEqual(ids);
});

test.each([500, 5_000, 90_000])(
  "a list that lost %i before the cursor is searched in few calls",
  async (lost) => {
    const list = new ChangingList();
    const ids = list.addMany(lost + 5_000);
    const read = list.reader(BY_CREATION);
    const offset = ids.length - 150;
    const [last] = (await read(offset, 1)).referrals;
    const place = { id: last?.id ?? "", offset, value: last?.createdDateTime ?? null };
    list.remove(place.id, ...ids.slice(0, lost));
    list.reads = 0;
    const page = await readPage(read, { first: 50, order: BY_CREATION, place });
    expect(page.referrals.map(({ referral }) => referral.id)).toEqual(ids.slice(-149, -99));
    expect(list.reads).toBeLessThan(20);
  },
);

test.each([350, 20_000])("%i that came before the cursor do not make it repeat", async (count) => {
  const list = new ChangingList();
  const order = { property: "createdDateTime", isDescending: true } as const;
  const ids = list.addMany(120).reverse();
  const listed = await listedIds(list, order, 50, (page) => {
    if (page === 1) list.addMany(count);
  });
  expect(listed).toEqual(ids);
  expect(list.reads).toBeLessThan(25);
});

test("an upstream that ignores the order and the offset is not asked for ever", async () => {
  const list = new ChangingList();
  list.addMany(80);
  const all = list.reader(BY_CREATION);
  const read = () => all(0, 100).then((window) => ({ ...window, hasMore: undefined }));
  let place: Place | undefined;
  const ids: string[] = [];
  for (let page = 0; page < 3; page++) {
    const { referrals } = await readPage(read, { first: 50, order: BY_CREATION, place });
    ids.push(...referrals.map(({ referral }) => referral.id));
    place = referrals.at(-1)?.place ?? place;
  }
  expect(ids).toEqual(list.ids);
});

describe("whatever happens between pages", () => {
  const change = fc.record({
    what: fc.constantFrom("add", "addEarlier", "remove", "change"),
    which: fc.nat(10_000),
  });
  const story = fc.record({
    count: fc.integer({ min: 0, max: 150 }),
    first: fc.integer({ min: 1, max: 100 }),
    order: fc.constantFrom(...ORDERS),
    changes: fc.array(fc.array(change, { maxLength: 40 }), { maxLength: 8 }),
  });

  test("what is not touched comes exactly once, in order", async () => {
    const play = async ({ count, first, order, changes }: Parameters<typeof tell>[0]) =>
      tell({ count, first, order, changes });
    await fc.assert(fc.asyncProperty(story, play), { numRuns: 400 });
  });

  async function tell(given: {
    count: number;
    first: number;
    order: ListOrder;
    changes: { what: string; which: number }[][];
  }): Promise<void> {
    const { count, first, order, changes } = given;
    const list = new ChangingList();
    for (let at = 0; at < count; at++) list.add(at * 1_000); // room for those that come between
    let second = 0;
    list.addMany(0);
    const touched = new Set<string>();
    const original = list.ids;
    const listed = await listedIds(list, order, first, (page) => {
      for (const { what, which } of changes[page - 1] ?? []) {
        const id = list.ids[which % Math.max(1, list.ids.length)];
        if (what === "add") touched.add(list.add(1_000_000 + ++second));
        if (what === "addEarlier")
          touched.add(list.add((which % 150) * 1_000 + 1 + (++second % 999)));
        if (id !== undefined && what === "remove") {
          touched.add(id);
          list.remove(id);
        }
        if (id !== undefined && what === "change") {
          if (order.property === "updatedDateTime") touched.add(id);
          list.change(id);
        }
      }
    });
    const expected = original.filter((id) => !touched.has(id));
    expect(listed.filter((id) => !touched.has(id))).toEqual(
      order.isDescending ? expected.reverse() : expected,
    );
  }
});

describe("many of the same time", () => {
  test.each([
    [10, 100],
    [10, 7],
    [30, 50],
    [200, 100],
    [150, 20],
  ])("in %is, paged by %i: what goes before the cursor hides nobody", async (ties, first) => {
    for (const order of ORDERS) {
      const list = new ChangingList();
      for (let number = 0; number < 600; number++) {
        list.add(Math.floor(number / ties));
      }
      const removed = new Set<string>();
      const listed = await listedIds(list, order, first, (_page, ids) => {
        const gone = ids.slice(0, Math.min(ids.length - 1, 15)); // the last one, for which the cursor stands, stays
        list.remove(...gone);
        for (const id of gone) {
          removed.add(id);
        }
      });
      expect(new Set(listed).size).toBe(listed.length);
      expect([...listed].sort()).toEqual([...list.ids, ...removed].sort());
    }
  });

  test("a cursor whose referral is gone among very many equals costs a bounded search", async () => {
    const list = new ChangingList();
    const ids = Array.from({ length: 2_000 }, () => list.add(1));
    const order = BY_CREATION;
    const { referrals } = await readPage(list.reader(order), {
      first: 50,
      order,
      place: undefined,
    });
    const place = { ...(referrals.at(-1)?.place as Place), offset: 1_000, id: "gone" };
    list.reads = 0;
    const page = await readPage(list.reader(order), { first: 50, order, place });
    expect(page.referrals[0]?.referral.id).toBe(ids[1_000]);
    expect(list.reads).toBeLessThan(10);
  });
});
