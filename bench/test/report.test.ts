import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BENCHMARKS } from "../src/benchmarks.ts";
import type { Benchmark } from "../src/report/benchmark.ts";
import { pageOf } from "../src/report/markdown.ts";
import { REPOSITORY, store, storedResults } from "../src/report/results.ts";
import { runBenchmark } from "../src/report/run-benchmark.ts";
import { ratioOf, spreadOf } from "../src/report/spread.ts";

const sample: Benchmark = {
  name: "sample",
  title: "A sample: of what?",
  method: "Counted.",
  rivals: ["bottleneck"],
  run: async ({ size }) => ({
    rounds: 3,
    tables: [
      {
        title: "Speed",
        columns: [{ head: "who" }, { head: "calls/s" }, { head: "ratio", digits: 2 }],
        rows: [
          ["ours | theirs", spreadOf([3_000, 1_000, 2_000]), ratioOf([2, 1], [1, 1])],
          [size, 7, null],
        ],
      },
    ],
    goals: [
      { text: "at least 5", measured: "7", isMet: true },
      { text: "at most 5", measured: "7", isMet: false, why: "It is seven." },
    ],
  }),
};

test("a result is a file, and the page shows medians, extremes, goals and why one was missed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "patchlane-bench-"));
  try {
    const page = join(folder, "benchmarks.md");
    const result = await runBenchmark(sample, "test", () => {});
    await store(result, [sample], { folder, page });
    const text = await readFile(page, "utf8");
    expect(text).toContain("| ours \\| theirs | 2,000 (1,000–3,000) | 1.50 (1.00–2.00) |");
    expect(text).toContain("| test | 7 | – |");
    expect(text).toContain(
      "| [A sample: of what?](#a-sample-of-what) | at most 5 | 7 | **missed** |",
    );
    expect(text).toContain("Missed: at most 5. Measured 7. It is seven.");
    expect(text).toContain("bottleneck 2.19.5");
    const [stored] = await storedResults([sample], folder);
    expect(stored?.findings.tables[0]?.rows[0]?.[1]).toMatchObject({
      samples: [3_000, 1_000, 2_000],
    });
    await writeFile(page, "");
    await store(result, [{ ...sample, name: "other" }], { folder, page });
    expect(await readFile(page, "utf8")).not.toContain("Speed");
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("the page in docs is what the stored results say, all of them full runs", async () => {
  const results = await storedResults(BENCHMARKS, REPOSITORY.folder);
  expect(results.map(({ name, size }) => [name, size])).toEqual(
    BENCHMARKS.map(({ name }) => [name, "full"]),
  );
  expect(await readFile(REPOSITORY.page, "utf8")).toBe(pageOf(results));
});
