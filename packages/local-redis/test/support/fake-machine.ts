import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LookupEdges } from "../../src/index.ts";
import { runCommand } from "../../src/run-command.ts";
import { tempDir } from "./temp-dir.ts";

/** A machine whose search path is one directory of small scripts. */
export interface FakeMachine {
  dir: string;
  edges: LookupEdges;
  /** What `notify` was told. */
  notices: string[];
  /** Puts a shell script on the path. Every script first writes its name and arguments to the log. */
  put(name: string, body: string): Promise<string>;
  /** Every command run so far, in order. */
  calls(): Promise<string[]>;
}

export const REDIS = 'echo "Redis server v=7.0.15 sha=0:0 malloc=libc bits=64"';
export const VALKEY = 'echo "Valkey server v=8.1.3 sha=0:0 malloc=libc bits=64"';

export async function fakeMachine(edges: Partial<LookupEdges> = {}): Promise<FakeMachine> {
  const dir = await tempDir();
  const log = join(dir, "calls.log");
  const notices: string[] = [];
  const put = async (name: string, body: string): Promise<string> => {
    const path = join(dir, name);
    await writeFile(path, `#!/bin/sh\necho "${name} $*" >> "${log}"\n${body}\n`);
    await chmod(path, 0o755);
    return path;
  };
  // The real ones must never be reached from a test: they would change this machine.
  await put("update-rc.d", "exit 0");
  await put("dpkg-query", "exit 1");
  return {
    dir,
    notices,
    put,
    edges: {
      path: dir,
      platform: "linux",
      isRoot: false,
      run: runCommand,
      lockFile: join(dir, "install.lock"),
      servicePolicyFile: join(dir, "policy-rc.d"),
      notify: (line) => notices.push(line),
      ...edges,
    },
    calls: async () => {
      const text = await readFile(log, "utf8").catch(() => "");
      return text.split("\n").filter((line) => line !== "");
    },
  };
}

/** Shell text that makes a server appear on the path. */
export function appearingServer(dir: string): string {
  return `printf '#!/bin/sh\\n%s\\n' '${REDIS}' > "${dir}/redis-server"; /bin/chmod 755 "${dir}/redis-server"`;
}
