import type { Benchmark } from "../report/benchmark.ts";
import { findingsOf } from "./findings.ts";
import { measureGateway } from "./measure.ts";
import { METHOD } from "./method.ts";
import { PLANS } from "./plans.ts";

export const gateway: Benchmark = {
  name: "gateway",
  title: "Gateway: requests over HTTP",
  method: METHOD,
  rivals: ["@apollo/server", "mercurius", "fastify", "graphql", "ioredis"],
  run: async ({ size, say }) => {
    const plan = PLANS[size];
    return findingsOf(await measureGateway(plan, say), plan.rounds);
  },
};
