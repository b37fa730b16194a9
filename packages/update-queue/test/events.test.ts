import { expect, test } from "vitest";
import { newBulkUpdateId, rowUpdateId } from "../src/index.ts";
import { privateRedis, SOON, untilConnected } from "./support/private-redis.ts";
import { accept, begin, claim, finish, notes } from "./support/updates.ts";

const redis = privateRedis();

test("every change of an update is heard, in order, by those who listen to it", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const other = await account.openUpdateQueue();
  await expect.poll(() => queue.events.isConnected && other.events.isConnected, SOON).toBe(true);
  const id = await accept(queue, notes("1"));
  const second = await accept(queue, notes("2"));
  const heard: string[] = [];
  const heardElsewhere: string[] = [];
  const stop = queue.events.listen(id, (state) => heard.push(state));
  other.events.listen(id, (state) => heardElsewhere.push(state));
  const afterAccept = (states: string[]): string[] => states.slice(states.indexOf("SENDING"));
  const lease = await claim(account.openLaneQueue());
  await begin(lease, id);
  await lease.settle([{ id, state: "QUEUED" }], true);
  await begin(lease, id);
  await lease.settle([{ id, state: "APPLIED" }], true);
  await queue.ledger.cancel(second);
  const story = ["SENDING", "QUEUED", "SENDING", "APPLIED"];
  // Its own QUEUED may arrive before or after the listener does.
  await expect.poll(() => afterAccept(heardElsewhere), SOON).toEqual(story);
  await expect.poll(() => afterAccept(heard), SOON).toEqual(story);
  stop();
  await finish(lease);
});

test("who waits for the end hears of it, of nothing less, and not longer than wanted", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const id = await accept(queue, notes("1"));
  await expect.poll(() => queue.events.isConnected, SOON).toBe(true);
  const patient = queue.events.untilFinal(id, 60_000);
  const impatient = queue.events.untilFinal(id, 30);
  const leaving = new AbortController();
  const aborted = queue.events.untilFinal(id, 60_000, leaving.signal);
  leaving.abort();
  expect(await aborted).toBe(false);
  expect(await queue.events.untilFinal(id, 60_000, leaving.signal)).toBe(false);
  const lease = await claim(account.openLaneQueue());
  await begin(lease, id);
  expect(await impatient).toBe(false);
  await lease.settle([{ id, state: "FAILED" }], true);
  expect(await patient).toBe(true);
  await finish(lease);
});

test("after Redis was away, changes are heard again", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  const id = await accept(queue, notes("1"));
  const worker = account.openLaneQueue();
  await redis.server.kill();
  await expect.poll(() => queue.events.isConnected, SOON).toBe(false);
  await redis.server.restart();
  await untilConnected(queue);
  await expect.poll(() => queue.events.isConnected, SOON).toBe(true);
  const final = queue.events.untilFinal(id, 60_000);
  await finish(await claim(worker));
  expect(await final).toBe(true);
});

test("who listens to a bulk update hears its rows and itself, and nobody else", async () => {
  const account = redis.account();
  const queue = await account.openUpdateQueue();
  await expect.poll(() => queue.events.isConnected, SOON).toBe(true);
  const id = newBulkUpdateId();
  const row = rowUpdateId(id, 12);
  const heard: string[] = [];
  const ofTheRow: string[] = [];
  const stop = queue.events.listen(id, (state, who) => heard.push(`${who} ${state}`));
  const stopRow = queue.events.listen(row, (state) => ofTheRow.push(state));
  const other = newBulkUpdateId();
  const story = [`${row} SENDING`, `${row} APPLIED`, `${id} COMPLETED`];
  for (const message of [`${rowUpdateId(other, 12)} SENDING`, `${other} PAUSED`, ...story]) {
    await redis.admin.publish(account.keys.events, message);
  }
  await expect.poll(() => heard, SOON).toEqual(story);
  expect(ofTheRow).toEqual(["SENDING", "APPLIED"]);
  expect(queue.events.listenedTo).toBe(2);
  stop();
  stop();
  stopRow();
  expect(queue.events.listenedTo).toBe(0);
});
