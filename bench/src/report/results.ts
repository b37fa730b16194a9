import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Benchmark, Findings, Size } from "./benchmark.ts";
import type { Environment } from "./environment.ts";
import { pageOf } from "./markdown.ts";

/** What a file in `results/` holds. */
export interface StoredResult {
  readonly name: string;
  readonly title: string;
  readonly method: string;
  readonly size: Size;
  readonly environment: Environment;
  /** How long it took. */
  readonly seconds: number;
  readonly findings: Findings;
}

const RESULTS = fileURLToPath(new URL("../../results/", import.meta.url));
const PAGE = fileURLToPath(new URL("../../../docs/benchmarks.md", import.meta.url));

export interface Destination {
  /** Folder of the JSON files. */
  readonly folder: string;
  /** The page made of them. */
  readonly page: string;
}

/** Where full runs are kept: in the repository. */
export const REPOSITORY: Destination = { folder: RESULTS, page: PAGE };

/** Writes one result, and the page of all that are there anew, in the order of `benchmarks`. */
export async function store(
  result: StoredResult,
  benchmarks: readonly Benchmark[],
  destination: Destination,
): Promise<void> {
  const { folder } = destination;
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/${result.name}.json`, `${JSON.stringify(result, null, 1)}\n`);
  await writePage(benchmarks, destination);
}

/** Writes the page of the results that are there, with the words of today's benchmarks. */
export async function writePage(
  benchmarks: readonly Benchmark[],
  { folder, page }: Destination,
): Promise<void> {
  await writeFile(page, pageOf(await storedResults(benchmarks, folder)));
}

/** What is stored, with the words of today's benchmarks. */
export async function storedResults(
  benchmarks: readonly Benchmark[],
  folder: string,
): Promise<StoredResult[]> {
  const files = await readdir(folder);
  const there = benchmarks.filter(({ name }) => files.includes(`${name}.json`));
  return Promise.all(
    there.map(async ({ name, title, method }) => {
      const text = await readFile(`${folder}/${name}.json`, "utf8");
      return { ...(JSON.parse(text) as StoredResult), title, method };
    }),
  );
}
