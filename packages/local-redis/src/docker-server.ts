import { randomUUID } from "node:crypto";
import type { ServerPlace } from "./native-server.ts";
import { runCommand } from "./run-command.ts";
import { type RunningServer, STOP_GRACE_MS } from "./running-server.ts";
import { dockerArguments, type ServerSettings } from "./server-arguments.ts";
import { startWatchedProcess } from "./watched-process.ts";

/**
 * Starts a server in a container, with our `docker run` attached to it. Every later command names
 * the container by a name that nobody else can have.
 */
export async function startDockerServer(
  docker: { command: string; image: string },
  settings: ServerSettings,
  place: ServerPlace,
): Promise<RunningServer> {
  const name = `patchlane-redis-${randomUUID()}`;
  const client = await startWatchedProcess({
    command: docker.command,
    args: dockerArguments(settings, {
      name,
      image: docker.image,
      dataDir: place.dataDir,
      user: ownUser(),
    }),
    endCommand: [docker.command, "rm", "--force", name],
    removeDataDir: place.keepData ? undefined : place.dataDir,
  });
  const tell = async (...args: string[]): Promise<void> => {
    const { exitCode, stderr } = await runCommand(docker.command, [...args, name]);
    if (exitCode !== 0 && !client.isGone()) {
      throw new Error(`docker ${args.join(" ")} ${name} failed: ${stderr.trim()}`);
    }
  };
  return {
    pid: client.pid,
    showsPid: false,
    gone: client.gone,
    isGone: client.isGone,
    stderr: client.stderr,
    keepsUsAlive: client.keepsUsAlive,
    async pause() {
      if (!client.isGone()) await tell("pause");
    },
    async resume() {
      if (!client.isGone()) await tell("unpause");
    },
    async end(signal) {
      if (client.isGone()) return;
      if (signal === "SIGKILL") await tell("rm", "--force");
      else await tell("stop", "-t", String(STOP_GRACE_MS / 1000));
      await client.gone;
    },
  };
}

/** So that the files in the mounted directory can be removed without being root. */
function ownUser(): string | undefined {
  const uid = process.getuid?.();
  const gid = process.getgid?.();
  return uid === undefined || gid === undefined ? undefined : `${uid}:${gid}`;
}
