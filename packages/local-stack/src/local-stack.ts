import { type LocalRedis, startLocalRedis } from "@patchlane/local-redis";
import { appEntry, type RunFrom } from "./app-entry.ts";
import { type ChildService, startChild } from "./child-service.ts";

export interface LocalStackOptions {
  /** Default `source`. */
  readonly runFrom?: RunFrom;
  /** Referrals in the simulator; default 500. */
  readonly referrals?: number;
  /** The simulator's limit in requests per second; default 20. Also what gateway and workers are told. */
  readonly ratePerSecond?: number;
  /** More arguments for the simulator. */
  readonly simulatorArguments?: readonly string[];
  /** Default 2. */
  readonly workers?: number;
  /** A Redis to use instead of starting one. */
  readonly redisUrl?: string;
  /** The gateway's port; default any free one. */
  readonly gatewayPort?: number;
  /** More settings for gateway and workers. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Every line a process prints. */
  readonly onLine?: (process: string, line: string) => void;
}

/** Redis, simulator, gateway and workers, each a process of its own, all on loopback. */
export interface LocalStack {
  readonly redisUrl: string;
  /** The Redis we started; undefined when one was given. */
  readonly redis: LocalRedis | undefined;
  readonly simulator: ChildService;
  readonly upstreamUrl: string;
  readonly controlUrl: string;
  readonly gateway: ChildService;
  readonly gatewayUrl: string;
  readonly workers: readonly ChildService[];
  startWorker(): Promise<ChildService>;
  /** Stops everything that was started, in the order that loses nothing. */
  stop(): Promise<void>;
}

const SIMULATOR_TOKEN = "simulator-token";

export async function startLocalStack(options: LocalStackOptions = {}): Promise<LocalStack> {
  const started: { stop(): Promise<void> }[] = [];
  const stop = async (): Promise<void> => {
    for (const part of started.splice(0).reverse()) {
      await part.stop();
    }
  };
  try {
    return await start(options, started, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  options: LocalStackOptions,
  started: { stop(): Promise<void> }[],
  stop: () => Promise<void>,
): Promise<LocalStack> {
  const { runFrom = "source", referrals = 500, ratePerSecond = 20, workers = 2 } = options;
  const run = (
    name: string,
    app: "gateway" | "worker" | "simulator",
    more: readonly string[],
    environment: Readonly<Record<string, string>>,
    isReady: (line: Readonly<Record<string, unknown>>) => boolean,
  ) =>
    startChild({
      name,
      nodeArguments: [...appEntry(app, runFrom), ...more],
      environment,
      isReady,
      onLine: (line) => options.onLine?.(name, line),
    });

  const redis = options.redisUrl === undefined ? await startLocalRedis() : undefined;
  if (redis !== undefined) {
    started.push(redis);
  }
  const redisUrl = options.redisUrl ?? redis?.url ?? "";

  const simulator = await run(
    "simulator",
    "simulator",
    [
      "--port",
      "0",
      "--referrals",
      String(referrals),
      "--rate",
      String(ratePerSecond),
      "--token",
      SIMULATOR_TOKEN,
      ...(options.simulatorArguments ?? []),
    ],
    {},
    (line) => line.ready === true,
  );
  started.push(simulator.service);
  const upstreamUrl = String(simulator.ready.url);

  const settings = {
    REDIS_URL: redisUrl,
    PARTNER_CENTER_URL: upstreamUrl,
    PARTNER_CENTER_ACCESS_TOKEN: SIMULATOR_TOKEN,
    PARTNER_CENTER_RATE: String(ratePerSecond),
    ...options.settings,
  };
  const gateway = await run(
    "gateway",
    "gateway",
    [],
    { ...settings, GATEWAY_AUTH: "dev", HOST: "127.0.0.1", PORT: String(options.gatewayPort ?? 0) },
    (line) => line.msg === "gateway ready",
  );
  started.push(gateway.service);

  const workerServices: ChildService[] = [];
  const startWorker = async (): Promise<ChildService> => {
    const name = `worker ${workerServices.length + 1}`;
    const { service } = await run(
      name,
      "worker",
      [],
      settings,
      (line) => line.msg === "worker ready",
    );
    workerServices.push(service);
    started.push(service);
    return service;
  };
  await Promise.all(Array.from({ length: workers }, startWorker));

  return {
    redisUrl,
    redis,
    simulator: simulator.service,
    upstreamUrl,
    controlUrl: String(simulator.ready.controlUrl),
    gateway: gateway.service,
    gatewayUrl: String(gateway.ready.url),
    workers: workerServices,
    startWorker,
    stop,
  };
}
