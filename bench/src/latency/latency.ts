import type { Benchmark } from "../report/benchmark.ts";
import { findingsOf } from "./findings.ts";
import { measureLatency } from "./measure.ts";
import { METHOD } from "./method.ts";
import { PLANS } from "./plans.ts";

export const latency: Benchmark = {
  name: "latency",
  title: "Latency: from the mutation to the write",
  method: METHOD,
  rivals: ["bullmq", "ioredis", "undici"],
  run: async ({ size, say }) => {
    const plan = PLANS[size];
    const measured = await measureLatency(plan, say);
    return findingsOf(measured, plan.rounds);
  },
};
