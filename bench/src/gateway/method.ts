import type { OperationName } from "./operations.ts";

/** For readers of the page; what it says of settings stands in the servers' `-main.ts`. */
export const METHOD = `
The gateway and three rivals answer the same operations with the same schema and resolvers, each in a process of its own, over one Redis that syncs
before it answers. No worker runs. They take turns in every round. The load comes from a process of its own over kept-alive sockets: **closed** loops,
in which every connection sends its next request when it has its answer, for what a server can do; and a fixed **arrival** rate, for what a caller waits, counted from the moment
a request was due. CPU is what the server's process used for a request, its threads included.

- **Apollo Server**: \`startStandaloneServer\`, \`NODE_ENV=production\`, its document cache as it is by default.
- **mercurius** on Fastify, with JIT (\`jit: 1\`: an operation is compiled the second time it comes) and its document cache; GraphiQL and request log off.
  It asks for graphql 16 and runs here with the 17 everybody else has, with the one renamed function its own pull request for 17 replaces
  (mercurius-js/mercurius#1256).
- **graphql-js on node:http**: the least a server can do, as a limit: documents parsed and validated once, the same limit on bodies, nothing else.

The rivals have no sign-in, limits on queries, masking of errors, metrics or streams; the gateway does what it does in production, but for sign-in (\`dev\`).
`;

export const OPERATION_NOTES: Readonly<Record<OperationName, string>> = {
  mutate:
    "`updateReferral` of two fields, `waitMs: 0`, every time another referral: checks, accept script, wake-up.",
  mutateWithKey: "The same with an idempotency key of its own.",
  read: "`referralUpdate(id)` of one of 200 updates.",
  rules: "`allowedTransitions`, from memory: HTTP and GraphQL without Redis.",
};
