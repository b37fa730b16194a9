import { Redis } from "ioredis";
import type { RunContext } from "../report/benchmark.ts";
import { type LoadProcess, startLoadProcess } from "./load-process.ts";
import { OPERATION_NAMES } from "./operations.ts";
import type { Load, Plan } from "./plans.ts";
import { type Server, type ServerName, startServers } from "./servers.ts";

import type { LoadSummary } from "./summary.ts";

/** One load on one server, round by round. */
export interface Series {
  readonly server: ServerName;
  readonly load: Load;
  readonly rounds: readonly LoadSummary[];
}

/** The gateway and its rivals over one Redis, taking turns in every round. Throws when a request was not answered as it should be. */
export async function measureGateway(
  { rounds, warmUpSeconds, loads }: Plan,
  say: RunContext["say"],
): Promise<Series[]> {
  const { servers, redisUrl, stop } = await startServers();
  const redis = new Redis(redisUrl);
  const loadProcess = startLoadProcess();
  try {
    await redis.config("SET", "auto-aof-rewrite-percentage", "0"); // a rewrite would fall into somebody's turn
    if (warmUpSeconds > 0) {
      await warmUpAll(loadProcess, servers, warmUpSeconds);
    }
    const series = loads.flatMap((load) =>
      servers.map((server) => ({ load, server: server.name, rounds: [] as LoadSummary[] })),
    );
    for (let round = 0; round < rounds; round++) {
      say(`round ${round + 1} of ${rounds}`);
      await redis.flushall();
      for (const { load, server, rounds: taken } of inTurn(series, servers.length, round)) {
        const { url, pid } = serverOf(servers, server);
        const summary = await loadProcess.run({ ...load, url, pid });
        if (summary.failures > 0) {
          throw new Error(`${server} failed ${summary.failures} × ${load.operation}`);
        }
        taken.push(summary);
      }
    }
    return series;
  } finally {
    redis.disconnect();
    await loadProcess.stop();
    await stop();
  }
}

/** Those of one load stay together; who of them is first changes from round to round. */
function inTurn<One>(series: readonly One[], size: number, round: number): One[] {
  return series.map((_, index) => {
    const group = index - (index % size);
    return series[group + ((index + round) % size)] as One;
  });
}

function serverOf(servers: readonly Server[], name: ServerName): Server {
  return servers.find((server) => server.name === name) as Server;
}

async function warmUpAll(
  loadProcess: LoadProcess,
  servers: readonly Server[],
  seconds: number,
): Promise<void> {
  const arrivals = { kind: "closed", connections: 64 } as const;
  for (const { url, pid } of servers) {
    for (const operation of OPERATION_NAMES) {
      await loadProcess.run({ url, pid, operation, arrivals, seconds });
    }
  }
}
