import { type RunningServer, STOP_GRACE_MS } from "./running-server.ts";
import { nativeArguments, type ServerSettings } from "./server-arguments.ts";
import { startWatchedProcess } from "./watched-process.ts";

/** Where one server runs and what becomes of its files when we vanish. */
export interface ServerPlace {
  dataDir: string;
  keepData: boolean;
}

/** Starts a `redis-server` or `valkey-server` process. Resolves before it answers. */
export async function startNativeServer(
  command: string,
  settings: ServerSettings,
  place: ServerPlace,
): Promise<RunningServer> {
  const server = await startWatchedProcess({
    command,
    args: nativeArguments(settings, place.dataDir),
    removeDataDir: place.keepData ? undefined : place.dataDir,
  });
  return {
    pid: server.pid,
    showsPid: true,
    gone: server.gone,
    isGone: server.isGone,
    stderr: server.stderr,
    keepsUsAlive: server.keepsUsAlive,
    async pause() {
      server.signal("SIGSTOP");
    },
    async resume() {
      server.signal("SIGCONT");
    },
    async end(signal) {
      server.signal(signal);
      // A paused process would never see SIGTERM.
      server.signal("SIGCONT");
      const stuck = setTimeout(() => server.signal("SIGKILL"), STOP_GRACE_MS);
      await server.gone;
      clearTimeout(stuck);
    },
  };
}
