import { type LocalRedis, startLocalRedis } from "@patchlane/local-redis";
import { type AppName, appEntry, type RunFrom } from "./app-entry.ts";
import { type ChildService, type StartedChild, startChild } from "./child-service.ts";

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
  /**
   * How gateway and workers sign in: with the simulator's fixed token (default), or by refresh token at its
   * token endpoint, as in production.
   */
  readonly signIn?: "fixedToken" | "refreshToken";
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
  /** Where the simulator's faults, limits and request log are. */
  readonly controlUrl: string;
  /** The gateway running now. */
  readonly gateway: ChildService;
  readonly gatewayUrl: string;
  /** Every worker that was started, ended ones included. */
  readonly workers: readonly ChildService[];
  startWorker(): Promise<ChildService>;
  /** Starts a gateway in place of the one before, on the same port; the old one must be gone. */
  restartGateway(): Promise<ChildService>;
  /** Stops everything that was started, in the order that loses nothing. */
  stop(): Promise<void>;
}

const SIMULATOR_TOKEN = "simulator-token";

export async function startLocalStack(options: LocalStackOptions = {}): Promise<LocalStack> {
  const started: { stop(): Promise<void> }[] = [];
  const stop = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (const part of started.splice(0).reverse()) {
      await part.stop().catch((error: unknown) => failures.push(error)); // the others must end all the same
    }
    if (failures.length > 0) {
      throw new AggregateError(failures, "some processes could not be stopped");
    }
  };
  try {
    return await start(options, started, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

type Settings = Readonly<Record<string, string>>;

async function start(
  options: LocalStackOptions,
  started: { stop(): Promise<void> }[],
  stop: () => Promise<void>,
): Promise<LocalStack> {
  const redis = options.redisUrl === undefined ? await startLocalRedis() : undefined;
  if (redis !== undefined) {
    started.push(redis);
  }
  const redisUrl = options.redisUrl ?? redis?.url ?? "";
  const simulator = await startSimulator(options);
  started.push(simulator.service);
  const upstreamUrl = String(simulator.ready.url);
  const settings: Settings = {
    REDIS_URL: redisUrl,
    PARTNER_CENTER_URL: upstreamUrl,
    ...signInSettings(options.signIn ?? "fixedToken", upstreamUrl),
    PARTNER_CENTER_RATE: String(options.ratePerSecond ?? DEFAULT_RATE),
    ...options.settings,
  };

  let gateway = await startGateway(options, settings, options.gatewayPort ?? 0);
  started.push({ stop: () => gateway.service.stop() });
  const gatewayUrl = String(gateway.ready.url);
  const workers: ChildService[] = [];
  let workerCount = 0;
  const startOneWorker = async (): Promise<ChildService> => {
    const worker = await startWorker(options, settings, `worker ${++workerCount}`);
    workers.push(worker);
    started.push(worker);
    return worker;
  };
  await Promise.all(Array.from({ length: options.workers ?? DEFAULT_WORKERS }, startOneWorker));

  return {
    redisUrl,
    redis,
    simulator: simulator.service,
    upstreamUrl,
    controlUrl: String(simulator.ready.controlUrl),
    get gateway() {
      return gateway.service;
    },
    gatewayUrl,
    workers,
    startWorker: startOneWorker,
    restartGateway: async () => {
      gateway = await startGateway(options, settings, Number(new URL(gatewayUrl).port));
      return gateway.service;
    },
    stop: async () => {
      await redis?.resume(); // without it the services would wait for it as long as they may
      await stop();
    },
  };
}

const DEFAULT_RATE = 20;
const DEFAULT_REFERRALS = 500;
const DEFAULT_WORKERS = 2;

/** The simulator's account, and the refresh token it accepts at first. */
function signInSettings(
  signIn: NonNullable<LocalStackOptions["signIn"]>,
  upstreamUrl: string,
): Settings {
  return signIn === "fixedToken"
    ? { PARTNER_CENTER_ACCESS_TOKEN: SIMULATOR_TOKEN }
    : {
        ENTRA_AUTHORITY: new URL(upstreamUrl).origin,
        ENTRA_TENANT_ID: "11111111-2222-4333-8444-555555555555",
        ENTRA_CLIENT_ID: "66666666-7777-4888-8999-aaaaaaaaaaaa",
        ENTRA_CLIENT_SECRET: "simulator-client-secret",
        PARTNER_CENTER_REFRESH_TOKEN: "simulator-refresh-token",
      };
}

function startSimulator(options: LocalStackOptions): Promise<StartedChild> {
  const flags = {
    port: 0,
    referrals: options.referrals ?? DEFAULT_REFERRALS,
    rate: options.ratePerSecond ?? DEFAULT_RATE,
    token: SIMULATOR_TOKEN,
  };
  const given = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return startApp(options, "simulator", "simulator", {}, (line) => line.ready === true, [
    ...given,
    ...(options.simulatorArguments ?? []),
  ]);
}

function startGateway(
  options: LocalStackOptions,
  settings: Settings,
  port: number,
): Promise<StartedChild> {
  const environment = { GATEWAY_AUTH: "dev", ...settings, HOST: "127.0.0.1", PORT: String(port) };
  return startApp(
    options,
    "gateway",
    "gateway",
    environment,
    (line) => line.msg === "gateway ready",
  );
}

async function startWorker(
  options: LocalStackOptions,
  settings: Settings,
  name: string,
): Promise<ChildService> {
  const isReady = (line: Readonly<Record<string, unknown>>): boolean => line.msg === "worker ready";
  return (await startApp(options, name, "worker", settings, isReady)).service;
}

function startApp(
  options: LocalStackOptions,
  name: string,
  app: AppName,
  environment: Settings,
  isReady: (line: Readonly<Record<string, unknown>>) => boolean,
  appArguments: readonly string[] = [],
): Promise<StartedChild> {
  return startChild({
    name,
    nodeArguments: [...appEntry(app, options.runFrom ?? "source"), ...appArguments],
    environment,
    isReady,
    onLine: (line) => options.onLine?.(name, line),
  });
}
