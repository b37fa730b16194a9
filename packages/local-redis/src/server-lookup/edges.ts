import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { readEnvironment } from "../env.ts";
import { type RunCommand, runCommand } from "../run-command.ts";

/** Everything about the machine that the search for a server depends on. */
export interface LookupEdges {
  /** Executable search path. */
  path: string;
  platform: NodeJS.Platform;
  isRoot: boolean;
  run: RunCommand;
  /** Held while installing, so that two processes do not both install. */
  lockFile: string;
  /** What Debian's package scripts ask whether they may start a service. */
  servicePolicyFile: string;
  /** Told in one line before anything that takes long. Default: a line on stderr. */
  notify: (line: string) => void;
}

/** The machine we run on. */
export function machineEdges(): LookupEdges {
  return {
    path: readEnvironment().path,
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    run: runCommand,
    lockFile: join(tmpdir(), `patchlane-redis-install-${userInfo().uid}.lock`),
    servicePolicyFile: "/usr/sbin/policy-rc.d",
    notify: (line) => process.stderr.write(`${line}\n`),
  };
}
