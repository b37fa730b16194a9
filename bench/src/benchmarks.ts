import { callsPerRow } from "./calls-per-row/benchmark.ts";
import { engine } from "./engine/engine.ts";
import { gateway } from "./gateway/gateway.ts";
import { latency } from "./latency/latency.ts";
import { library } from "./library/library.ts";
import { rateUse } from "./rate-use/rate-use.ts";
import type { Benchmark } from "./report/benchmark.ts";
import { scale } from "./scale/benchmark.ts";

/** In the order of the page. */
export const BENCHMARKS: readonly Benchmark[] = [
  rateUse,
  callsPerRow,
  engine,
  library,
  gateway,
  latency,
  scale,
];
