import type { Benchmark } from "../report/benchmark.ts";
import { findingsOf } from "./findings.ts";
import { measureEngine } from "./measure.ts";

const METHOD = `
How fast updates come in and go out when nothing but the machine limits them, and what they take of Redis. One Redis with \`appendfsync always\` for
everybody; the upstream ([bench/src/upstream](../bench/src/upstream)) answers a 2.9 kB referral at once.

- **BullMQ** is what people would write instead: \`add\` for every update, \`addBulk\` in thousands, and a worker whose jobs make the PATCH with
  kept-alive sockets (undici), read the answer and are removed when done, with as many jobs under way as Patchlane has lanes (64). It keeps no order
  within a referral, no record of what became of an update, no ETags, and makes a call twice when a worker dies. "Jobs that do nothing" is what BullMQ
  itself can do at most.
- **A list write** is what Redis itself takes.
- **Bytes**: \`used_memory\` without the buffers of connections, once Redis has rebuilt the tables that became too small. Of one that waits, in the last
  table: of those added to come to so many, so that what the looks before finished is not counted. A dash among the drains: BullMQ had drained
  everything before it was looked at.
- Patchlane's worker is started as in production, with a rate no upstream has (10,000/s); \`accept and wake\` is what the gateway does with one mutation.
`;

export const engine: Benchmark = {
  name: "engine",
  title: "Engine: intake, drain, memory",
  method: METHOD,
  rivals: ["bullmq", "ioredis", "undici"],
  run: async (context) => findingsOf(await measureEngine(context)),
};
