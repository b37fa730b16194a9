import type { LookupEdges } from "./edges.ts";
import { findExecutable } from "./find-executable.ts";
import type { Finding } from "./find-native-server.ts";

/** A Docker engine that has the image. */
export interface DockerServer {
  kind: "docker";
  /** Absolute path of the client. */
  command: string;
  image: string;
}

/** The same as in docker-compose.yml. */
const IMAGE = "redis:7";
const PULL_TIMEOUT_MS = 10 * 60_000;

/** Looks for a Docker engine that answers, and gets the image when it is not there yet. */
export async function findDocker(edges: LookupEdges): Promise<Finding<DockerServer>> {
  const command = await findExecutable("docker", edges.path);
  if (command === undefined) return { ok: false, reason: "not on this machine" };
  // The server's version makes the client ask the engine; "docker info" exits 0 in some versions without one.
  const engine = await edges.run(command, ["info", "--format", "{{.ServerVersion}}"]);
  if (engine.exitCode !== 0 || engine.stdout.trim() === "") {
    return { ok: false, reason: "no engine answers" };
  }
  const image = await edges.run(command, ["image", "inspect", IMAGE]);
  if (image.exitCode !== 0) {
    edges.notify(`Pulling the ${IMAGE} image (once, may take a minute) …`);
    const pull = await edges.run(command, ["pull", IMAGE], { timeoutMs: PULL_TIMEOUT_MS });
    if (pull.exitCode !== 0) {
      return { ok: false, reason: `cannot pull ${IMAGE}: ${pull.stderr.trim()}` };
    }
  }
  return { ok: true, server: { kind: "docker", command, image: IMAGE } };
}
