import { expect, test } from "vitest";
import { callsPerRow } from "../src/calls-per-row/benchmark.ts";
import { syncRows } from "../src/calls-per-row/rows.ts";
import type { Cell } from "../src/report/benchmark.ts";

test("so many rows of a sync are changed as the share says, and others after a shift", () => {
  const names = new Map(Array.from({ length: 10 }, (_, n) => [`r${n}`, `${n}`]));
  const changed = (shift: number) =>
    syncRows(names, 0.3, shift, "new").flatMap(({ name }, row) =>
      name.endsWith("new") ? [row] : [],
    );
  expect(changed(0)).toEqual([3, 6, 9]);
  expect(changed(5)).toEqual([1, 4, 8]);
});

test("a sync reads the list and writes what changes, updates of an upload are folded, the rivals call for every row", async () => {
  const { goals, tables } = await callsPerRow.run({ size: "test", say: () => {} });
  expect(goals.map(({ isMet }) => isMet)).toEqual([true]);
  const [sync, , updates] = tables.map(({ rows }) => rows.map((row) => row.map(numberOf)));

  const [first, second] = sync ?? [];
  expect(first?.slice(2, 7)).toEqual([3, 0, 9, 12, Math.floor(9 * 1.02 + 291 * 0.01)]);
  expect(second?.slice(3, 5)).toEqual([0, 9]);
  expect(first?.slice(7)).toEqual([1, 309 / 12, 300 / 12]);

  const [bulk, , waitedFor] = updates ?? [];
  expect(bulk?.[2]).toBe(30);
  expect(bulk?.[3]).toBeLessThanOrEqual(11); // ten writes, and perhaps a page of the list
  expect(waitedFor?.slice(2, 7)).toEqual([9, 9, 1, 2, 1]);
});

function numberOf(cell: Cell): unknown {
  return cell !== null && typeof cell === "object" ? cell.median : cell;
}
