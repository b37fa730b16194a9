import { fileURLToPath } from "node:url";
import { type LocalStack, startChild, startLocalStack } from "@patchlane/local-stack";

/** One server under measurement, in a process of its own. */
export interface Server {
  readonly name: ServerName;
  /** Its GraphQL endpoint. */
  readonly url: string;
  readonly pid: number;
}

/** Each has its `<name>-main.ts`. */
const RIVALS = ["apollo", "mercurius", "bare"] as const;

export type ServerName = "patchlane" | (typeof RIVALS)[number];

export interface Servers {
  readonly servers: readonly Server[];
  readonly redisUrl: string;
  stop(): Promise<void>;
}

/** The gateway and its rivals over one durable Redis, without workers: what is accepted stays QUEUED. */
export async function startServers(): Promise<Servers> {
  const stack = await startLocalStack({ referrals: 1, workers: 0 });
  const rivals: { stop(): Promise<void> }[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(rivals.map((rival) => rival.stop()));
    await stack.stop();
  };
  try {
    const started = await Promise.all(
      RIVALS.map(async (name): Promise<Server> => {
        const { service, ready } = await startRival(name, stack.redisUrl);
        rivals.push(service);
        return { name, url: String(ready.url), pid: service.pid };
      }),
    );
    const servers = [gatewayOf(stack), ...started];
    return { servers, redisUrl: stack.redisUrl, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function gatewayOf({ gatewayUrl, gateway }: LocalStack): Server {
  return { name: "patchlane", url: gatewayUrl, pid: gateway.pid };
}

function startRival(name: (typeof RIVALS)[number], redisUrl: string) {
  const path = fileURLToPath(new URL(`./${name}-main.ts`, import.meta.url));
  return startChild({
    name,
    nodeArguments: ["--conditions=@patchlane/source", path, redisUrl],
    environment: { NODE_ENV: "production" },
    isReady: (line) => line.ready === true,
  });
}
