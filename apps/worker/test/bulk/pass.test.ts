import { isVouchedFor, type PassEvidence } from "@patchlane/update-queue";
import { expect, test } from "vitest";
import { Passes } from "../../src/bulk/passes.ts";
import { FakeList, type ListManners, listed } from "../support/fake-list.ts";
import { bulkEdges } from "../support/mortal.ts";
import { type Rig, rigs } from "../support/rig.ts";

const open = rigs();

/** A list, and passes over it for whoever asks. */
async function survey(referrals: number, manners: ListManners = {}, at = (n: number) => n) {
  const rig = await open();
  const list = new FakeList(
    Array.from({ length: referrals }, (_, n) => listed(`r-${n}`, at(n))),
    manners,
  );
  const edges = { ...bulkEdges(rig), client: list.client };
  const never = new AbortController().signal;
  const passes = new Passes(edges, async () => never, never);
  let asked = 0;
  /** Has a pass made for a bulk update that needs so many referrals; answers what it may rely on, and the calls it took. */
  const ask = async (
    reads: number,
    more: {
      unknown?: number;
      mustCover?: boolean;
      hasExternalIds?: boolean;
      needed?: (lane: string) => boolean;
    } = {},
  ): Promise<{ evidence: PassEvidence | undefined; calls: number }> => {
    const before = list.asked.length;
    asked += 1;
    const bulkUpdateId = `blk_${asked}`;
    await passes.ask({
      bulkUpdateId,
      need: { reads, unknown: 0, mustCover: false, hasExternalIds: false, ...more },
      isNeeded: more.needed ?? (() => true),
      stopping: never,
      isGoing: () => true,
    });
    const evidence = await edges.survey.evidence(bulkUpdateId);
    return { evidence, calls: list.asked.length - before };
  };
  return { rig, list, edges, passes, ask };
}

/** Which versions are vouched for, by referral. */
async function vouched(rig: Rig, list: FakeList, evidence: PassEvidence | undefined) {
  const ids = list.referrals.map(({ id }) => id);
  const known = await rig.worker.known.getMany(ids);
  return ids.filter((id) => isVouchedFor(known.get(id)?.mark, evidence));
}

/** The list with some referrals as they are after a change. */
function change(list: FakeList, ids: readonly string[], at: number): void {
  list.referrals = list.referrals.map((each) =>
    ids.includes(each.id) ? listed(each.id, at) : each,
  );
}

test("after a full pass a look at the newest changes tells all", async () => {
  const { rig, list, ask } = await survey(95);
  const full = await ask(95);
  expect(full).toMatchObject({ calls: 10, evidence: { isComplete: true } });
  expect(await vouched(rig, list, full.evidence)).toHaveLength(95);

  change(list, ["r-3", "r-50"], 1_000);
  const second = await ask(95);
  expect(second, "the second call proves the order, once").toMatchObject({
    calls: 2,
    evidence: { isComplete: true },
  });
  expect(await vouched(rig, list, second.evidence)).toHaveLength(95);
  const known = await rig.worker.known.get("r-50");
  expect(known?.etag).toBe('"r-50-1000"');

  change(
    list,
    list.referrals.slice(10, 45).map(({ id }) => id),
    2_000,
  );
  const third = await ask(95);
  expect(third.calls, "four pages of changes, and one look for those made meanwhile").toBe(5);
  expect(await vouched(rig, list, third.evidence)).toHaveLength(95);
});

test("what another one wrote into the cache is not vouched for, however old it claims to be", async () => {
  const { rig, list, ask } = await survey(40);
  await ask(40);
  const stale = { ...listed("r-7", 0), eTag: '"stale"' };
  await rig.worker.known.forget("r-7");
  await rig.worker.known.put("r-7", { referral: stale, etag: '"stale"', seenAt: 1 });
  const { evidence } = await ask(40);
  expect(evidence?.isComplete).toBe(true);
  expect(await vouched(rig, list, evidence)).not.toContain("r-7");
});

test("many that share one moment of change are known as soon as a page of them is", async () => {
  const { list, ask } = await survey(200, {}, () => 5);
  expect((await ask(200)).calls).toBe(20);
  expect((await ask(200)).calls).toBe(2);
  change(list, ["r-150"], 6);
  expect((await ask(200)).calls).toBe(2);
  expect((await ask(200)).calls).toBe(1);
  // In the very moment that was the newest when the last pass began.
  change(list, ["r-151"], 6.0004);
  const { evidence } = await ask(200);
  expect(evidence?.isComplete).toBe(true);
});

test("when referrals are gone the whole list is read again, and they are not vouched for", async () => {
  const { rig, list, ask } = await survey(60);
  await ask(60);
  const [gone] = list.referrals.splice(20, 1);
  list.referrals.push(listed("new-one", 500, { createdDateTime: "2026-01-01T00:08:20Z" }));
  const { evidence, calls } = await ask(60);
  expect(calls).toBe(2 + 6);
  const known = await rig.worker.known.getMany([gone?.id ?? "", "new-one"]);
  expect(isVouchedFor(known.get(gone?.id ?? "")?.mark, evidence)).toBe(false);
  expect(isVouchedFor(known.get("new-one")?.mark, evidence)).toBe(true);
});

test("new referrals alone are no reason to read it all again", async () => {
  const { list, ask } = await survey(60);
  await ask(60);
  for (let n = 0; n < 5; n += 1) {
    const createdDateTime = "2026-01-01T00:08:20Z";
    list.referrals.push(listed(`new-${n}`, 500 + n, { createdDateTime }));
  }
  expect(await ask(60)).toMatchObject({ calls: 2, evidence: { isComplete: true } });
});

test("what changes while a long look is taken is seen by the end of it", async () => {
  const { rig, list, ask } = await survey(100);
  await ask(100);
  change(
    list,
    list.referrals.slice(0, 30).map(({ id }) => id),
    1_000,
  );
  list.manners = {
    // After the first page: one further down moves to the top, and all between by one place.
    onCall: (nth) => {
      if (nth === 13) {
        change(list, ["r-25"], 2_000);
      }
    },
  };
  const { evidence } = await ask(100);
  expect(evidence?.isComplete).toBe(true);
  expect((await rig.worker.known.get("r-25"))?.etag).toBe('"r-25-2000"');
  expect(await vouched(rig, list, evidence)).toHaveLength(100);
});

test("a list in another order is read to its end, each time", async () => {
  const { list, ask } = await survey(50, { ordersNot: true });
  list.referrals.reverse();
  list.referrals.push(...list.referrals.splice(0, 7));
  expect((await ask(50)).calls).toBe(5);
  change(list, ["r-40"], 999);
  expect(await ask(50)).toMatchObject({ calls: 1 + 5, evidence: { isComplete: true } });
  expect(await ask(50)).toMatchObject({ calls: 5, evidence: { isComplete: true } });
});

test("an order that only looks right is found out before it is relied on", async () => {
  const { rig, list, ask } = await survey(50, { ordersNot: true });
  list.referrals.reverse(); // by creation, newest first; nothing has ever changed
  await ask(50);
  change(list, ["r-10"], 999); // far down, and there it stays
  const { evidence, calls } = await ask(50);
  expect(calls).toBe(2 + 5);
  expect(evidence?.isComplete).toBe(true);
  expect((await rig.worker.known.get("r-10"))?.etag).toBe('"r-10-999"');
});

test("a list that refuses order and count is read as it is", async () => {
  const { ask } = await survey(50, { isPlain: true });
  expect(await ask(50)).toMatchObject({ calls: 1 + 5, evidence: { isComplete: true } });
});

test("what costs more than single reads is given up after the first page, and not asked for again", async () => {
  const { ask } = await survey(200);
  expect((await ask(9)).calls, "too few to ask").toBe(0);
  expect(await ask(12)).toMatchObject({ calls: 1, evidence: { isComplete: false } });
  expect((await ask(12)).calls).toBe(0);
  expect(await ask(20)).toMatchObject({ calls: 20, evidence: { isComplete: true } });
  expect((await ask(12)).calls).toBe(2);
});

test("without a count it goes on as long as every page brings what is needed", async () => {
  const { list, ask } = await survey(300, { countsNot: true });
  const needed = (lane: string) => Number(lane.slice(2)) > 280;
  const few = await ask(19, { needed });
  expect(few.evidence?.isComplete).toBe(false);
  expect(few.calls).toBe(19 + 1);
  list.manners = { countsNot: true };
  expect((await ask(300)).evidence?.isComplete).toBe(true);
});

test("a look is not taken where most of what is needed was never seen, or is forgotten", async () => {
  const { list, ask } = await survey(100);
  await ask(100);
  expect((await ask(50, { unknown: 10 })).calls).toBe(2);
  expect((await ask(50, { unknown: 11 })).calls).toBe(10);
  list.manners = { countsNot: true };
  await ask(100);
  expect((await ask(50, { unknown: 26 })).calls).toBe(10);
});

test("a long look is given up once it costs more than single reads", async () => {
  const { list, ask } = await survey(300);
  await ask(300);
  change(
    list,
    list.referrals.map(({ id }) => id),
    5_000,
  );
  expect(await ask(4)).toMatchObject({ calls: 4 + 1, evidence: { isComplete: false } });
  expect(await ask(300)).toMatchObject({ evidence: { isComplete: true } });
});

test("a link that leads nowhere any more costs a new start, a few times", async () => {
  const { list, ask } = await survey(50, { deadLinks: [4] });
  expect(await ask(50)).toMatchObject({ calls: 4 + 5, evidence: { isComplete: true } });
  list.manners = { deadLinks: Array.from({ length: 100 }, (_, n) => n) };
  change(
    list,
    list.referrals.map(({ id }) => id),
    5_000,
  );
  const { evidence, calls } = await ask(50);
  expect(evidence?.isComplete).toBe(false);
  expect(calls).toBeLessThanOrEqual(12);
});

test("one pass serves all that asked before it began; who asks later gets the next", async () => {
  const { list, edges, passes } = await survey(50);
  const never = new AbortController().signal;
  const request = (bulkUpdateId: string) => ({
    bulkUpdateId,
    need: { reads: 50, unknown: 0, mustCover: false, hasExternalIds: false },
    isNeeded: () => true,
    stopping: never,
    isGoing: () => true,
  });
  let late: Promise<unknown> | undefined;
  list.manners = {
    onCall: (nth) => {
      if (nth === 2) {
        late = passes.ask(request("blk_late"));
      }
    },
  };
  await Promise.all([passes.ask(request("blk_a")), passes.ask(request("blk_b"))]);
  expect(list.asked).toHaveLength(5);
  const [a, b] = await Promise.all(["blk_a", "blk_b"].map((id) => edges.survey.evidence(id)));
  expect(a).toEqual(b);
  await late;
  expect(list.asked).toHaveLength(5 + 2);
  expect(await edges.survey.evidence("blk_late")).toMatchObject({ pass: 2, isComplete: true });
});

test("nobody interested any more, it stops", async () => {
  const { list, passes } = await survey(100);
  const gone = new AbortController();
  list.manners = { onCall: (nth) => nth === 3 && gone.abort() };
  await expect(
    passes.ask({
      bulkUpdateId: "blk_1",
      need: { reads: 100, unknown: 0, mustCover: false, hasExternalIds: false },
      isNeeded: () => true,
      stopping: gone.signal,
      isGoing: () => true,
    }),
  ).rejects.toThrow("the run ended");
  expect(list.asked).toHaveLength(3);
});

test("who is not interested any more need not wait until the others are served", async () => {
  const { list, edges, passes } = await survey(300);
  const gone = new AbortController();
  const never = new AbortController().signal;
  list.manners = { onCall: (nth) => nth === 2 && gone.abort() };
  const ask = (bulkUpdateId: string, stopping: AbortSignal) =>
    passes.ask({
      bulkUpdateId,
      need: { reads: 300, unknown: 0, mustCover: false, hasExternalIds: false },
      isNeeded: () => true,
      stopping,
      isGoing: () => true,
    });
  const stays = ask("blk_stays", never);
  await expect(ask("blk_gone", gone.signal)).rejects.toThrow("the run ended");
  expect(list.asked.length).toBeLessThan(300 / 10);
  await stays;
  expect(await edges.survey.evidence("blk_stays")).toMatchObject({ isComplete: true });
});
