import { type LocalRedis, startLocalRedis } from "@patchlane/local-redis";
import { createPartnerCenterClient, fixedToken } from "@patchlane/partner-center";
import { onlyAllowed } from "@patchlane/service-kit";
import { type Simulator, startSimulator } from "@patchlane/simulator";
import { isFinal, openLaneQueue, openUpdateQueue, type UpdateQueue } from "@patchlane/update-queue";
import { processLane } from "@patchlane/worker";
import { type Logger, pino } from "pino";
import { expect, vi } from "vitest";
import { createGraphqlServer, type GraphqlServer } from "../../src/graphql-server.ts";
import type { Services } from "../../src/services.ts";
import type { Caller } from "../../src/sign-in/caller.ts";

/** Fast enough that no test waits for its turn. */
export const RATE = { ratePerSecond: 2_000, burst: 200 };
const TOKEN = "simulator-token";

/** Who sends what a test does not send as somebody else. */
export const TESTER: Caller = { subject: "tester", role: "admin" };

/** What GraphQL answered; `Data` is the shape the test's own query asks for. */
export interface Answer<Data> {
  readonly data: Data;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions?: Readonly<Record<string, unknown>>;
  }[];
}

/** Sends one GraphQL request; rejects when the answer is not JSON. */
export type Ask = <Data = unknown>(
  query: string,
  variables?: Readonly<Record<string, unknown>>,
) => Promise<Answer<Data>>;

/** A gateway without a port, on a real Redis and a simulator that are its own. */
export interface Stack {
  readonly redis: LocalRedis;
  readonly simulator: Simulator;
  readonly queue: UpdateQueue;
  readonly services: Services;
  /** What was logged, one JSON line each. */
  readonly logged: string[];
  /** As {@link TESTER}. */
  readonly ask: Ask;
  readonly askAs: (caller: Caller) => Ask;
  /** Drains the lanes from now on. */
  startWorker(): void;
  close(): Promise<void>;
}

/** Resolves when an accepted update is final; a look now and then, so that nothing depends on who is first. */
export async function untilFinal({ queue }: Pick<Stack, "queue">, updateId: string): Promise<void> {
  const isFinalNow = async (): Promise<boolean | undefined> => {
    const update = await queue.ledger.get(updateId);
    return update && isFinal(update.state);
  };
  await expect.poll(isFinalNow, { timeout: 30_000 }).toBe(true);
}

/** Starts a stack; `upstreamUrl` leads elsewhere than to the simulator. */
export async function startStack(options: { upstreamUrl?: string } = {}): Promise<Stack> {
  const [redis, simulator] = await Promise.all([
    startLocalRedis({ durable: false }), // a slow disk must not look like a Redis that is away
    startSimulator({ limiter: "none", referrals: 1 }),
  ]);
  const logged: string[] = [];
  const log: Logger = pino(
    { formatters: { log: onlyAllowed } },
    { write: (line: string) => void logged.push(line) },
  );
  const open = { redisUrl: redis.url, rate: RATE, onError: () => {} };
  const queue = openUpdateQueue(open);
  const baseUrl = options.upstreamUrl ?? simulator.url;
  const client = createPartnerCenterClient({
    baseUrl,
    timeoutMs: 30_000,
    budget: queue.budget,
    tokens: fixedToken(TOKEN),
  });
  const services: Services = { queue, client, log, now: Date.now };
  const graphql = createGraphqlServer({ services, hasGraphiql: false, hasIntrospection: true });
  await vi.waitFor(
    async () => {
      await queue.ping();
      expect(queue.events.isConnected).toBe(true);
    },
    { timeout: 20_000, interval: 20 },
  );
  const cleanUp: (() => Promise<unknown>)[] = [];
  return {
    redis,
    simulator,
    queue,
    services,
    logged,
    ask: <Data>(query: string, variables?: Readonly<Record<string, unknown>>) =>
      askThrough<Data>(graphql, TESTER, query, variables),
    askAs: (caller) => (query, variables) => askThrough(graphql, caller, query, variables),
    startWorker: () => cleanUp.push(startWorker(open, baseUrl)),
    close: async () => {
      for (const end of cleanUp) {
        await end();
      }
      await client.close();
      await queue.close();
      await Promise.all([simulator.close(), redis.stop()]);
    },
  };
}

export async function askThrough<Data>(
  graphql: GraphqlServer,
  caller: Caller,
  query: string,
  variables?: Readonly<Record<string, unknown>>,
): Promise<Answer<Data>> {
  const request = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  };
  const context = { caller, requestId: "request-1" };
  const response = await graphql.fetch("http://gateway/graphql", request, context);
  return (await response.json()) as Answer<Data>;
}

function startWorker(
  open: Parameters<typeof openLaneQueue>[0],
  baseUrl: string,
): () => Promise<void> {
  const tokens = fixedToken(TOKEN);
  const queue = openLaneQueue(open);
  const client = createPartnerCenterClient({
    baseUrl,
    timeoutMs: 30_000,
    budget: queue.budget,
    tokens,
  });
  const { lanes, known, account, meters } = queue;
  const clock = { now: Date.now, random: Math.random };
  const noteCalls = async (): Promise<void> => {};
  const edges = { lanes, known, account, meters, client, tokens, noteCalls, gatherMs: 0, ...clock };
  const log = { info: () => {}, warn: () => {} };
  const consumer = queue.consume({
    concurrency: 8,
    process: (referralId, stopping) => processLane({ ...edges, log }, referralId, stopping),
  });
  return async () => {
    await consumer.close();
    await client.close();
    await queue.close();
  };
}
