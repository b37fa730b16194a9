import { expect, test } from "vitest";
import {
  bulkOf,
  callsOf,
  IN_THE_END,
  referralsOf,
  row,
  submitBulk,
  untilOver,
} from "../support/bulk.ts";
import { notes, type Rig, rigs } from "../support/rig.ts";

const open = rigs();
const LIST = { method: "GET", pathPattern: "/referrals(\\?.*)?$" };

async function unchangedRows(rig: Rig) {
  const all = await referralsOf(rig);
  return all.map(({ id, details }) => row(id, notes(details.notes)));
}

test.each([
  ["being told to wait", { kind: "status", status: 429, retryAfter: 1 }, 1],
  ["an upstream that is unwell for a moment", { kind: "status", status: 503 }, 2],
  ["an answer cut off", { kind: "truncatedBody" }, 1],
  ["a page that is no JSON", { kind: "garbageBody" }, 1],
])("%s costs the list a repetition", async (_name, fault, times) => {
  const rig = await open({ referrals: 300 });
  const rows = await unchangedRows(rig);
  rig.simulator.control.addFaults({ match: { ...LIST, times }, fault } as never);
  rig.start();
  const over = await untilOver(rig, await submitBulk(rig, rows));
  expect(over.counts).toMatchObject({ unchanged: 300 });
  const calls = callsOf(rig);
  expect(calls).toMatchObject({ get: 0, patch: 0 });
  expect(calls.list).toBeLessThanOrEqual(3 + times + 2);
  expect(over.upstreamCalls, "each of them is counted").toBe(calls.list);
});

test("a list that is broken for good stops nobody: rows are read one by one, and the account is not down", async () => {
  const rig = await open({ referrals: 40 });
  const rows = await unchangedRows(rig);
  rig.simulator.control.addFaults({ match: LIST, fault: { kind: "status", status: 500 } });
  rig.start();
  const id = await submitBulk(rig, rows);
  await rig.simulator.control.waitForRequest(({ path }) => path.includes("orderby"));
  const mine = await rig.submit({ name: "meanwhile" });
  await rig.queue.wake((await rig.update(mine)).referralId);
  await expect.poll(async () => (await rig.update(mine)).state, IN_THE_END).toBe("APPLIED");
  const over = await untilOver(rig, id);
  expect(over.counts).toMatchObject({ unchanged: 40 });
  expect(callsOf(rig).get).toBeGreaterThanOrEqual(39);
  expect(await rig.worker.account.get()).toMatchObject({ isDown: false });
});

test("while the upstream is down for everybody the list is not asked for; then it is, and single reads are not", async () => {
  const rig = await open({ referrals: 200 });
  const rows = await unchangedRows(rig);
  const [ofSimulator] = rig.simulator.control.addFaults({
    fault: { kind: "status", status: 503 },
  });
  rig.start();
  const id = await submitBulk(rig, rows);
  await expect.poll(async () => (await rig.worker.account.get()).isDown, IN_THE_END).toBe(true);
  const before = rig.requests().length;
  await expect.poll(() => rig.requests().length, IN_THE_END).toBeGreaterThan(before + 1); // probes
  expect((await bulkOf(rig, id)).counts).toMatchObject({ queued: 200 });
  expect(rig.requests().length).toBeLessThan(25);
  rig.simulator.control.clearFaults(ofSimulator);
  rig.simulator.control.clearRequests();
  const over = await untilOver(rig, id);
  expect(over.counts).toMatchObject({ unchanged: 200 });
  expect(callsOf(rig).get).toBeLessThanOrEqual(2);
});

test("a token that is refused is replaced, and the list goes on", async () => {
  let token = "simulator-token-of-yesterday";
  const rig = await open({
    referrals: 100,
    tokens: () => ({
      getToken: async () => token,
      renew: async () => {
        token = "simulator-token";
        return token;
      },
    }),
  });
  const rows = await unchangedRows(rig);
  rig.start();
  const over = await untilOver(rig, await submitBulk(rig, rows));
  expect(over.counts).toMatchObject({ unchanged: 100 });
  expect(callsOf(rig)).toEqual({ list: 2, get: 0, patch: 0 });
});

test("a worker that is stopped while it learns leaves the rest to the next", async () => {
  const rig = await open({ referrals: 1_000, ratePerSecond: 20 });
  const rows = await unchangedRows(rig);
  const first = rig.start();
  const id = await submitBulk(rig, rows);
  await rig.simulator.control.waitForRequest(({ path }) => path.includes("skiptoken"));
  await first.stop();
  const { list } = callsOf(rig);
  expect(list).toBeLessThan(10);
  rig.start();
  expect((await untilOver(rig, id)).counts).toMatchObject({ unchanged: 1_000 });
  expect(callsOf(rig).list).toBeLessThanOrEqual(11);
});
