import { expect, test } from "vitest";
import { notes, rigs, SOON } from "./support/rig.ts";

const rig = rigs();

test("updates that leave together count as one write, and what has to be done again is counted by its reason", async () => {
  const { queue, simulator, submit, drain, start } = await rig();
  for (const text of ["one", "two", "three"]) {
    await submit(notes(text));
  }
  await drain();
  simulator.control.addFaults([
    { match: { method: "PATCH", nth: 1 }, fault: { kind: "intruder" } },
    { match: { method: "PATCH", nth: 2 }, fault: { kind: "status", status: 500 } },
    { match: { method: "PATCH", nth: 3 }, fault: { kind: "cutAfterWrite" } },
  ]);
  await submit({ status: "Active" });
  await drain();
  const repeats = async (): Promise<unknown> =>
    Object.fromEntries(
      (await queue.metrics()).counters.repeats.map(({ labels, value }) => [labels.reason, value]),
    );
  await expect.poll(repeats, SOON).toEqual({ conflict: 1, trouble: 1, lost_answer: 1 });
  const [folds] = (await queue.metrics()).histograms.updatesPerWrite;
  expect(folds).toMatchObject({ count: 1, sum: 3 });

  const { stop } = start();
  await expect.poll(async () => (await queue.metrics()).workersAlive, SOON).toBe(1);
  await stop();
  await expect.poll(async () => (await queue.metrics()).workersAlive, SOON).toBe(0);
});
