import { join } from "node:path";
import { LOG_FILE } from "./data-dir.ts";

/** What may differ between two private servers. */
export interface ServerSettings {
  port: number;
  durable: boolean;
}

/** Bytes of a hash field up to which Redis keeps small hashes compact; its own 64 doubles what a BullMQ job takes. */
const COMPACT_FIELD_BYTES = 1_024;

/**
 * Command line of a server that loses nothing: what it answered is in its append-only file, and it
 * refuses writes rather than evicting when memory is full. `appendonly` alone rebuilds the data, so
 * snapshots (`save`) are off.
 */
export function durabilityArguments(durable: boolean): string[] {
  return [
    ...["--appendonly", "yes"],
    ...["--appendfsync", durable ? "always" : "everysec"],
    ...["--maxmemory-policy", "noeviction"],
    ...["--save", ""],
    ...["--hash-max-listpack-value", String(COMPACT_FIELD_BYTES)],
  ];
}

/** The whole command line for a server on this machine, reachable from this machine only. */
export function nativeArguments(settings: ServerSettings, dataDir: string): string[] {
  return [
    ...["--bind", "127.0.0.1"],
    ...["--port", String(settings.port)],
    ...["--protected-mode", "yes"],
    ...["--daemonize", "no"],
    ...["--dir", dataDir],
    ...["--logfile", join(dataDir, LOG_FILE)],
    ...durabilityArguments(settings.durable),
  ];
}

/** Where the image keeps data. */
const CONTAINER_DATA_DIR = "/data";
/** Inside the container only; outside it is the chosen port. */
const CONTAINER_PORT = 6379;

/**
 * The `docker` command line for a server in a container. It listens on every address of its own
 * network (protected mode would refuse the published port), and is published on 127.0.0.1 only.
 * `user` ("uid:gid") makes its files ours.
 */
export function dockerArguments(
  settings: ServerSettings,
  container: { name: string; image: string; dataDir: string; user: string | undefined },
): string[] {
  return [
    ...["run", "--rm", "--name", container.name],
    ...["--publish", `127.0.0.1:${settings.port}:${CONTAINER_PORT}`],
    ...["--mount", `type=bind,source=${container.dataDir},target=${CONTAINER_DATA_DIR}`],
    ...(container.user === undefined ? [] : ["--user", container.user]),
    ...[container.image, "redis-server"],
    ...["--bind", "0.0.0.0"],
    ...["--port", String(CONTAINER_PORT)],
    ...["--protected-mode", "no"],
    ...["--dir", CONTAINER_DATA_DIR],
    ...["--logfile", `${CONTAINER_DATA_DIR}/${LOG_FILE}`],
    ...durabilityArguments(settings.durable),
  ];
}
