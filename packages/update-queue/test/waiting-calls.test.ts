import { expect, test } from "vitest";
import { type Priority, WaitingCalls } from "../src/waiting-calls.ts";

/** Who is served when, of calls that wait from the start. */
async function served(line: readonly Priority[], count = line.length): Promise<Priority[]> {
  const waiting = new WaitingCalls<undefined>();
  const order: Priority[] = [];
  for (const priority of line) {
    void waiting.join(priority, undefined).then(() => order.push(priority));
  }
  for (let n = 0; n < count; n += 1) {
    waiting.serve(() => undefined);
  }
  await new Promise(setImmediate);
  return order;
}

test("an urgent call passes everything that waits", async () => {
  expect(await served(["bulk", "bulk", "interactive"])).toEqual(["interactive", "bulk", "bulk"]);
});

test("of ten moments one is bulk's however much is urgent", async () => {
  const line: Priority[] = [
    ...Array<Priority>(10).fill("bulk"),
    ...Array<Priority>(100).fill("interactive"),
  ];
  const order = await served(line, 50);
  expect(order.filter((priority) => priority === "bulk")).toHaveLength(5);
  expect(order.slice(0, 9)).not.toContain("bulk");
});

test("what was urgent while no bulk waited is not held against it", async () => {
  const waiting = new WaitingCalls<undefined>();
  for (let n = 0; n < 20; n += 1) {
    void waiting.join("interactive", undefined);
    waiting.serve(() => undefined);
  }
  const order: string[] = [];
  void waiting.join("bulk", undefined).then(() => order.push("bulk"));
  void waiting.join("interactive", undefined).then(() => order.push("interactive"));
  waiting.serve(() => undefined);
  await new Promise(setImmediate);
  expect(order).toEqual(["interactive"]);
});

test("who gives up takes nobody's turn, and serving nobody makes nothing", async () => {
  const waiting = new WaitingCalls<string>();
  const controller = new AbortController();
  const reason = new Error("enough");
  const given = waiting.join("bulk", controller.signal);
  const kept = waiting.join("bulk", undefined);
  controller.abort(reason);
  await expect(given).rejects.toBe(reason);
  waiting.serve(() => "moment");
  expect(await kept).toBe("moment");
  waiting.serve(() => {
    throw new Error("made for nobody");
  });
});
