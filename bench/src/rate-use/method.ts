/** For readers of docs/benchmarks.md. */
export const METHOD = `
How much of the upstream's rate limit is used, and how often it is exceeded. A list of PATCH calls, each on a referral of its own, is
drained against an upstream on loopback that allows R calls a second: either a **token bucket** that refills evenly and holds a tenth of
a second's calls, or a **sliding window** (R in any second). After a 429 it refuses everything for a second and says so in \`Retry-After\`, as the vendor
describes it. Time counts from the first call's arrival to the last success, both taken by the upstream. **Ideal** is the least the
limit allows: N calls take (N − burst) ÷ R in the bucket and a whole second for every R of the calls before the last one in the window;
N is such that both are whole seconds. A drain that is not over after one and a quarter times the ideal time (and 4 s) is given up; its time is then that of the calls
that were done, over the ideal time of as many calls.

- **Patchlane**: worker processes that are told R and, for the bucket, its burst, and are otherwise configured by default. Warm: they have made two
  seconds' calls, then are held (SIGSTOP) while the updates are accepted. Started cold: they are started once the updates are accepted, all of them at once; "from start" includes that.
  They aim at 95 % of R, which alone makes 1.053.
- **BullMQ**: one job a call, jobs removed when done. Its \`limiter\` is one for all processes. \`R in 1,000 ms\` is how its
  guide writes a limit a second; \`0.9 R, in steps of 100 ms\` is what one arrives at when that earns 429s (max 18 in 100 ms at 200/s; 1 in 56 ms at 20/s). All three stop the queue with \`queue.rateLimit\` and
  \`RateLimitError\` for as long as \`Retry-After\` says, and the third does only that (its limiter never applies), as the guide's part on manual limits says.
- **Bottleneck**: clustered over Redis through ioredis, an \`id\`, \`minTime\` of 1,000 ÷ R ms and \`maxConcurrent\` ("enough for the majority of use cases";
  its reservoirs refresh every 5 s at the least in a cluster), an \`expiration\` on every job; what is refused is tried again after \`Retry-After\` by its \`failed\` event. Its queue is in memory: each process has its share of the calls.
- **p-queue**: \`intervalCap\` R and \`interval\` 1,000 ms, \`strict\` (a sliding window, "when an API enforces strict rate limits"); paused for \`Retry-After\` at a 429. It
  knows nothing of other processes: with three, each has a third of R. Its queue is in memory, too.

Everybody has up to 16 calls in flight in a process. Rivals call through an undici pool with as many kept-alive sockets, warm in code and sockets before time counts; they keep no ledger, no order, no audit and no outcome. All use the same Redis
(\`appendfsync always\`). CPU is what the calling processes used, threads included, from ready to done, and what Redis used, over the calls made.
`;
