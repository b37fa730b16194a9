import { Redis } from "ioredis";
import type { RunContext } from "../report/benchmark.ts";
import { OPERATION_NAMES } from "./operations.ts";
import type { Load, Plan } from "./plans.ts";
import { type Server, type ServerName, startServers } from "./servers.ts";
import { spawnLoad } from "./spawn-load.ts";
import type { LoadSummary } from "./summary.ts";

/** One load on one server, round by round. */
export interface Series {
  readonly server: ServerName;
  readonly load: Load;
  readonly rounds: readonly LoadSummary[];
}

/** The gateway and its rivals over one Redis, taking turns in every round. Throws when a request was not answered as it should be. */
export async function measureGateway(
  { rounds, warmUp, loads }: Plan,
  say: RunContext["say"],
): Promise<Series[]> {
  const { servers, redisUrl, stop } = await startServers();
  const redis = new Redis(redisUrl);
  try {
    await redis.config("SET", "auto-aof-rewrite-percentage", "0"); // a rewrite would fall into somebody's turn
    if (warmUp > 0) {
      await warmUpAll(servers, warmUp);
    }
    const turns = loads.flatMap((load) => servers.map((server) => ({ load, server })));
    const taken = turns.map(() => [] as LoadSummary[]);
    for (let round = 0; round < rounds; round++) {
      say(`round ${round + 1} of ${rounds}`);
      await redis.flushall();
      for (const [index, { load, server }] of turns.entries()) {
        const summary = await spawnLoad({ ...load, url: server.url, pid: server.pid });
        if (summary.failures > 0) {
          throw new Error(`${server.name} failed ${summary.failures} × ${load.operation}`);
        }
        taken[index]?.push(summary);
      }
    }
    return turns.map(({ load, server }, index) => {
      return { server: server.name, load, rounds: taken[index] ?? [] };
    });
  } finally {
    redis.disconnect();
    await stop();
  }
}

async function warmUpAll(servers: readonly Server[], requests: number): Promise<void> {
  const arrivals = { kind: "closed", connections: 16 } as const;
  for (const { url, pid } of servers) {
    for (const operation of OPERATION_NAMES) {
      await spawnLoad({ url, pid, operation, arrivals, requests });
    }
  }
}
