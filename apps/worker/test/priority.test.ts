import { expect, test } from "vitest";
import { notes, type Rig, rigs } from "./support/rig.ts";

const open = rigs();
const RATE = 20;
const REFERRALS = 300;
const ROWS = 2_000;
const BATCH = 100;
const IN_A_WHILE = { timeout: 60_000, interval: 20 };

async function referralIds(rig: Rig): Promise<string[]> {
  const ids: string[] = [];
  for await (const { referrals } of rig.edges.client.listReferrals({ select: ["id"] })) {
    ids.push(...referrals.map(({ id }) => id));
  }
  rig.simulator.control.clearRequests();
  return ids;
}

test("an interactive update is sent within a second of rate budget, whatever bulk waits; bulk goes on", async () => {
  const rig = await open({ ratePerSecond: RATE, referrals: REFERRALS + 1 });
  const [mine = "", ...others] = await referralIds(rig);
  // In batches: an accept that Redis cannot take within its deadline is refused, and a busy machine takes no 2,000 at once.
  for (let first = 0; first < ROWS; first += BATCH) {
    await Promise.all(
      Array.from({ length: BATCH }, async (_, n) => {
        const referralId = others[(first + n) % others.length] ?? "";
        await rig.submit(notes(`row ${first + n}`), { referralId, priority: "bulk" });
      }),
    );
  }
  for (const referralId of others) {
    await rig.queue.wake(referralId, "bulk");
  }
  rig.start();
  rig.start();
  await expect.poll(() => rig.calls().length, IN_A_WHILE).toBeGreaterThan(10);

  const before = rig.requests().length;
  const id = await rig.submit(notes("now"), { referralId: mine });
  await rig.queue.wake(mine);
  await expect.poll(async () => (await rig.update(id)).state, IN_A_WHILE).toBe("APPLIED");
  const mineAt = rig.requests().findIndex(({ referralId }) => referralId === mine);
  expect(mineAt - before).toBeLessThanOrEqual(RATE);
  const { QUEUED } = await rig.queue.ledger.counts();
  expect(QUEUED).toBeGreaterThan(0);

  const sent = rig.requests().length;
  await expect.poll(() => rig.requests().length, IN_A_WHILE).toBeGreaterThan(sent + 5);
});
