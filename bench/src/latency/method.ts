/** For readers of the page; what it says of settings stands in start-contenders. */
export const METHOD = `
What a caller's change takes from \`updateReferral\` until its \`PATCH\` arrives at the upstream, through the whole stack: gateway, Redis, worker,
each a process of its own. The upstream is a process that answers at once, refuses nothing, and notes arrivals on the monotonic clock all
processes share. Changes come at random (Poisson), each of another referral, the same moments for everybody; every other caller waits for the outcome
(\`waitMs\`), the rest do not. The first changes of a turn, on cold sockets, do not count. Everybody takes turns in every round.

- **Limit**: the caller sends the \`PATCH\` itself, over a kept-alive connection.
- **BullMQ alone**: an HTTP server that adds a job, a worker that takes it and sends the \`PATCH\` as soon as it can. No pacing, no order per referral, no
  checks, no records. As its guide asks: AOF, \`noeviction\`, \`maxRetriesPerRequest: null\` in the worker, \`enableOfflineQueue: false\` in the
  server, finished jobs removed, retries with exponential back-off. Once over a Redis that syncs every second (what its guide finds enough), once over one
  that syncs before it answers, as Patchlane's does: accepted means durable.
- **BullMQ with limiter and priorities**, for the backlog: the same with BullMQ's rate limiter at the rate Patchlane uses (95 %), in the shortest windows its
  timers are exact for, and rows that come after everything else by priority.

How long the rate budget makes a call wait is not the path's doing, so it is told apart. **Own wait** is computed from the moments of sending: what each call would wait if
everything else took no time and calls left evenly spaced at the budget's rate.
`;
