import { expect, test } from "vitest";
import { CONTENDERS, contenderOf } from "../src/library/contender.ts";
import { lookAtAll } from "../src/library/emitted-table.ts";
import { library } from "../src/library/library.ts";
import { limitTasks } from "../src/library/limit.ts";
import { tasksOf } from "../src/library/tasks.ts";

test("the library benchmark runs, and measures every case of every library", async () => {
  const { rounds, tables, goals } = await library.run({ size: "test", say: () => {} });
  expect(rounds).toBe(1);
  expect(tables.map(({ rows }) => rows.length)).toEqual([15, 10, 10, 5]);
  expect(goals.map(({ isMet }) => isMet).slice(1)).toEqual([true, true]);
  for (const row of tables[0]?.rows ?? []) {
    expect(row.slice(1, -1)).not.toContain(null);
  }
}, 60_000);

test("every library does the work it is measured by", async () => {
  const work = await Promise.all(
    CONTENDERS.map(async (name) =>
      tasksOf(await contenderOf(name)).map((task) => [task.name, task.run() / task.calls]),
    ),
  );
  const [ours, ...rivals] = work.map(
    (tasks) => Object.fromEntries(tasks) as Record<string, number>,
  );
  for (const rival of rivals) {
    for (const same of [
      "diff: nothing",
      "diff: one field",
      "diff: eight fields, five of them nested",
      "build: two fields",
      "merge",
    ]) {
      expect([same, rival[same]]).toEqual([same, ours?.[same]]);
    }
    for (const name of Object.keys(ours ?? {}).filter((task) => /^(?:apply|validate)/.test(task))) {
      if (rival[name] !== undefined) expect([name, rival[name]]).toEqual([name, ours?.[name]]);
    }
  }
  expect(limitTasks().map((task) => task.run() / task.calls)).toEqual([0, 2, 1, 1, 2, 8]);
});

test("what is sent is counted: refused operations, neighbours touched, what cannot be said", async () => {
  const rows = await lookAtAll();
  const of = (edit: string) =>
    rows.filter((row) => row.edit === edit).map(({ emitted }) => Object.values(emitted));
  expect(of("a person joins at the start")).toEqual([
    [1, 0, 0, true, []],
    [13, 0, 3, true, []],
    [1, 0, 0, true, []],
    [13, 0, 3, true, []],
  ]);
  expect(of("the first person leaves")).toEqual([
    [0, 0, 0, false, ["CANNOT_REMOVE /team/0"]],
    [9, 1, 2, true, []],
    [1, 1, 0, true, []],
    [9, 1, 2, true, []],
  ]);
});
