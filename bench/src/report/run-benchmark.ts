import type { Benchmark, Size } from "./benchmark.ts";
import { lookAround } from "./environment.ts";
import type { StoredResult } from "./results.ts";

/** Runs one benchmark and notes where, when and with what. */
export async function runBenchmark(
  benchmark: Benchmark,
  size: Size,
  say: (line: string) => void,
): Promise<StoredResult> {
  const { name, title, method, rivals } = benchmark;
  const environment = await lookAround(rivals);
  const startedAt = performance.now();
  const findings = await benchmark.run({ size, say });
  const seconds = (performance.now() - startedAt) / 1_000;
  return { name, title, method, size, environment, seconds, findings };
}
