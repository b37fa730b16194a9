import { Redis } from "ioredis";
import { median } from "../median.ts";
import type { LoadOptions } from "./load.ts";
import { OPERATION_NAMES, type OperationName } from "./operations.ts";
import { type Server, type ServerName, startServers } from "./servers.ts";
import { spawnLoad } from "./spawn-load.ts";
import type { LoadSummary } from "./summary.ts";

export interface GatewayBenchOptions {
  /** Requests of one measurement. */
  readonly requests: number;
  readonly rounds: number;
  /** Of the closed runs. */
  readonly connections: readonly number[];
  /** Of the open runs; fixed, so that every server has the same to do. */
  readonly arrivalsPerSecond: number;
}

/** Medians over the rounds of one load on one server. */
export interface GatewayBenchResult {
  readonly server: ServerName;
  readonly operation: OperationName;
  readonly load: string;
  readonly perSecond: number;
  /** Slowest and fastest round. */
  readonly perSecondRange: readonly [number, number];
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p99MsRange: readonly [number, number];
  /** µs of processor of the server process (threads included) for one request. */
  readonly cpuUs: number;
  readonly failures: number;
}

/** Patchlane, Apollo Server and bare graphql-js over one Redis, taking turns round by round. */
export async function measureGateway(options: GatewayBenchOptions): Promise<GatewayBenchResult[]> {
  const { servers, redisUrl, stop } = await startServers();
  const redis = new Redis(redisUrl);
  try {
    await redis.config("SET", "auto-aof-rewrite-percentage", "0"); // a rewrite would fall into somebody's turn
    const runs = loadsOf(options).flatMap((load) => servers.map((server) => ({ load, server })));
    const taken = runs.map(() => [] as LoadSummary[]);
    for (const server of servers) {
      for (const operation of OPERATION_NAMES) {
        const { requests } = options;
        const arrivals = { kind: "closed", connections: 16 } as const;
        const { url, pid } = server;
        await spawnLoad({ url, pid, operation, arrivals, requests }); // warm code
      }
    }
    for (let round = 0; round < options.rounds; round++) {
      await redis.flushall();
      for (const [index, { load, server }] of runs.entries()) {
        taken[index]?.push(await spawnLoad({ ...load, url: server.url, pid: server.pid }));
      }
    }
    return runs.map(({ load, server }, index) => resultOf(server, load, taken[index] ?? []));
  } finally {
    redis.disconnect();
    await stop();
  }
}

type Load = Omit<LoadOptions, "url" | "pid">;

function loadsOf({ requests, connections, arrivalsPerSecond }: GatewayBenchOptions): Load[] {
  const perSecond = arrivalsPerSecond;
  return OPERATION_NAMES.flatMap((operation) => [
    ...connections.map((count): Load => {
      return { operation, requests, arrivals: { kind: "closed", connections: count } };
    }),
    { operation, requests, arrivals: { kind: "open", perSecond } },
  ]);
}

function resultOf(
  { name }: Server,
  { operation, arrivals }: Load,
  runs: readonly LoadSummary[],
): GatewayBenchResult {
  const all = (of: (run: LoadSummary) => number): number[] => runs.map(of);
  const rates = all(({ perSecond }) => perSecond);
  const p99s = all(({ p99Ms }) => p99Ms);
  return {
    server: name,
    operation,
    load:
      arrivals.kind === "closed"
        ? `${arrivals.connections} connections`
        : `${arrivals.perSecond}/s arriving`,
    perSecond: median(rates),
    perSecondRange: [Math.min(...rates), Math.max(...rates)],
    p50Ms: median(all(({ p50Ms }) => p50Ms)),
    p99Ms: median(p99s),
    p99MsRange: [Math.min(...p99s), Math.max(...p99s)],
    cpuUs: median(all(({ cpuUs }) => cpuUs)),
    failures: all(({ failures }) => failures).reduce((sum, one) => sum + one, 0),
  };
}
