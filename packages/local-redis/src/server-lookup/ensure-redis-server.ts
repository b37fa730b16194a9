import { type FailedWay, LocalRedisUnavailableError, messageOf } from "../errors.ts";
import { takeFileLock } from "../file-lock.ts";
import { type LookupEdges, machineEdges } from "./edges.ts";
import { type DockerServer, findDocker } from "./find-docker.ts";
import { type Finding, findNativeServer, type NativeServer } from "./find-native-server.ts";
import { installWithApt } from "./install-with-apt.ts";
import { installWithBrew } from "./install-with-brew.ts";

/** Something that can be started as a Redis. */
export type RedisServer = NativeServer | DockerServer;

/** Longer than an install may take. */
const LOCK_WAIT_MS = 20 * 60_000;

let found: Promise<RedisServer> | undefined;

/**
 * Finds a Redis server, in this order: `redis-server` or `valkey-server` on PATH; one that the
 * system's package manager installs without asking (apt-get, or Homebrew on macOS); Docker. Asks
 * the machine once per process. Rejects with `LocalRedisUnavailableError` when nothing works, and
 * looks again the next time.
 */
export function ensureRedisServer(): Promise<RedisServer> {
  if (found === undefined) {
    found = lookUpRedisServer(machineEdges());
    found.catch(() => {
      found = undefined;
    });
  }
  return found;
}

/** `ensureRedisServer` on a given machine, nothing remembered. */
export async function lookUpRedisServer(edges: LookupEdges): Promise<RedisServer> {
  const onPath = await findNativeServer(edges);
  if (onPath.ok) return onPath.server;

  const installWay: FailedWay["way"] = edges.platform === "darwin" ? "brew" : "apt-get";
  const installed = await install(edges);
  if (installed.ok) return installed.server;

  const docker = await findDocker(edges);
  if (docker.ok) return docker.server;

  throw new LocalRedisUnavailableError([
    { way: "PATH", reason: onPath.reason },
    { way: installWay, reason: installed.reason },
    { way: "Docker", reason: docker.reason },
  ]);
}

async function install(edges: LookupEdges): Promise<Finding<NativeServer>> {
  const release = await takeFileLock(edges.lockFile, LOCK_WAIT_MS);
  try {
    // Whoever held the lock before us was installing the same.
    const byAnother = await findNativeServer(edges);
    if (byAnother.ok) return byAnother;
    const outcome =
      edges.platform === "darwin" ? await installWithBrew(edges) : await installWithApt(edges);
    if (!outcome.ok) return outcome;
    const ours = await findNativeServer(edges);
    if (ours.ok) return ours;
    return { ok: false, reason: `installed, but ${ours.reason}` };
  } catch (error) {
    return { ok: false, reason: messageOf(error) };
  } finally {
    await release();
  }
}
