import { join } from "node:path";
import { LOCK_FILE, openDataDir, removeData } from "./data-dir.ts";
import { startDockerServer } from "./docker-server.ts";
import { LocalRedisStartError, messageOf } from "./errors.ts";
import { FileLockHeldError, takeFileLock } from "./file-lock.ts";
import { findFreePort } from "./free-port.ts";
import { type ServerPlace, startNativeServer } from "./native-server.ts";
import type { RunningServer } from "./running-server.ts";
import type { ServerSettings } from "./server-arguments.ts";
import { ensureRedisServer, type RedisServer } from "./server-lookup/ensure-redis-server.ts";
import { waitUntilReady } from "./wait-until-ready.ts";

/** How to start a private Redis; every field is optional. */
export interface LocalRedisOptions {
  /**
   * Where it keeps its files. Default: a new `.data/redis-…` below the workspace root. A directory
   * that already has Redis files is continued from.
   */
  dataDir?: string;
  /**
   * `true` (default): every write is on disk before it is answered (`appendfsync always`).
   * `false`: fsync once a second; survives a killed server, not a machine that loses power.
   */
  durable?: boolean;
  /** A port on 127.0.0.1. Default, and 0: a free one. */
  port?: number;
  /** Leave the files in place when it stops. Default `false`. */
  keepData?: boolean;
}

/** A running private Redis. The verbs run one after the other, in the order called. */
export interface LocalRedis {
  /** `redis://127.0.0.1:PORT`; stays the same over restarts. */
  readonly url: string;
  readonly port: number;
  /** The server's process id (with Docker: of the attached client); changes with every restart. */
  readonly pid: number;
  /** Absolute. */
  readonly dataDir: string;
  /**
   * Shuts down gracefully, waits until the process is gone, and removes its files unless
   * `keepData`. Calling it again does nothing.
   */
  stop(): Promise<void>;
  /** Ends the server without notice (default `SIGKILL`) and waits until it is gone. Files stay. */
  kill(signal?: "SIGKILL" | "SIGTERM"): Promise<void>;
  /**
   * Starts again on the same port and files, after a graceful shutdown when still running.
   * Rejects after `stop()`, and with `LocalRedisStartError` when it does not come up.
   */
  restart(): Promise<void>;
  /** Freezes the server: connections stay open, nothing is answered. Does nothing when it is not running. */
  pause(): Promise<void>;
  /** Lets a paused server go on. */
  resume(): Promise<void>;
}

/** A free port can be taken by somebody else before we use it; five times in a row is no accident. */
const PORT_TRIES = 5;
/** As Redis and as Docker say it. */
const PORT_TAKEN = /address already in use|port is already allocated/i;

/**
 * Starts a private Redis on 127.0.0.1 and resolves when it answers. It ends with this process,
 * however this process ends, and does not keep it running.
 *
 * Rejects with `LocalRedisUnavailableError` when there is no server to start, and with
 * `LocalRedisStartError` when it does not come up, a given port is taken, or another process uses
 * the data directory.
 */
export async function startLocalRedis(options: LocalRedisOptions = {}): Promise<LocalRedis> {
  return startWithServer(await ensureRedisServer(), options);
}

/** `startLocalRedis` with a given server. */
export async function startWithServer(
  redisServer: RedisServer,
  options: LocalRedisOptions = {},
): Promise<LocalRedis> {
  const dataDir = await openDataDir(options.dataDir);
  const keepData = options.keepData ?? false;
  const unlock = await lockDataDir(dataDir);
  const launch = (port: number): Promise<RunningServer> =>
    launchServer(redisServer, { port, durable: options.durable ?? true }, { dataDir, keepData });

  let port: number;
  let server: RunningServer;
  try {
    [port, server] = await launchOnPort(options.port || undefined, launch);
  } catch (error) {
    await unlock();
    if (options.dataDir === undefined) await removeData(dataDir);
    throw error;
  }

  let isStopped = false;
  let lastVerb: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(verb: () => Promise<T>): Promise<T> => {
    const result = lastVerb.then(verb);
    lastVerb = result.catch(() => {});
    return result;
  };
  const end = async (signal: "SIGKILL" | "SIGTERM"): Promise<void> => {
    server.keepsUsAlive(true);
    await server.end(signal);
  };

  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    get pid() {
      return server.pid;
    },
    dataDir,
    pause: () => inTurn(() => server.pause()),
    resume: () => inTurn(() => server.resume()),
    kill: (signal = "SIGKILL") => inTurn(() => end(signal)),
    restart: () =>
      inTurn(async () => {
        if (isStopped) {
          throw new LocalRedisStartError('restart() after stop(); kill("SIGTERM") keeps the files');
        }
        await end("SIGTERM");
        server = await launch(port);
      }),
    stop: () =>
      inTurn(async () => {
        if (isStopped) return;
        isStopped = true;
        await end("SIGTERM");
        await unlock();
        if (!keepData) await removeData(dataDir);
      }),
  };
}

async function lockDataDir(dataDir: string): Promise<() => Promise<void>> {
  try {
    return await takeFileLock(join(dataDir, LOCK_FILE), 0);
  } catch (error) {
    if (!(error instanceof FileLockHeldError)) throw error;
    throw new LocalRedisStartError(
      `Process ${error.holderPid} already runs a Redis on ${dataDir}: two on the same files would ruin them`,
      { cause: error },
    );
  }
}

async function launchOnPort(
  wanted: number | undefined,
  launch: (port: number) => Promise<RunningServer>,
): Promise<[number, RunningServer]> {
  for (let tried = 1; ; tried += 1) {
    const port = wanted ?? (await findFreePort());
    try {
      return [port, await launch(port)];
    } catch (error) {
      const mayRetry = wanted === undefined && tried < PORT_TRIES;
      if (!mayRetry || !PORT_TAKEN.test(messageOf(error))) throw error;
    }
  }
}

async function launchServer(
  redisServer: RedisServer,
  settings: ServerSettings,
  place: ServerPlace,
): Promise<RunningServer> {
  const server =
    redisServer.kind === "docker"
      ? await startDockerServer(redisServer, settings, place)
      : await startNativeServer(redisServer.command, settings, place);
  try {
    await waitUntilReady(server, settings.port, place.dataDir);
  } catch (error) {
    await server.end("SIGKILL");
    throw error;
  }
  server.keepsUsAlive(false);
  return server;
}
