import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** What the server writes; nothing else in its directory is ever removed. */
const SERVER_FILES = ["appendonlydir", "appendonly.aof", "dump.rdb", "redis.log", "redis.lock"];

/** The server's log file inside its data directory. */
export const LOG_FILE = "redis.log";
/** Says which process uses a data directory. */
export const LOCK_FILE = "redis.lock";

/** Makes the data directory and resolves with its absolute path. */
export async function openDataDir(dataDir: string | undefined): Promise<string> {
  if (dataDir !== undefined) {
    const absolute = resolve(dataDir);
    await mkdir(absolute, { recursive: true });
    return absolute;
  }
  const parent = join(defaultParent(), ".data");
  await mkdir(parent, { recursive: true });
  return mkdtemp(join(parent, "redis-"));
}

/**
 * Removes the server's files, and the directory when nothing else is in it: a caller may have
 * passed a directory that holds other things.
 */
export async function removeData(dataDir: string): Promise<void> {
  for (const name of SERVER_FILES) {
    await rm(join(dataDir, name), { recursive: true, force: true });
  }
  try {
    await rmdir(dataDir);
  } catch (error) {
    if (!isExpected(error)) throw error;
  }
}

function isExpected(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOTEMPTY" || code === "EEXIST" || code === "ENOENT";
}

/** The workspace this package stands in; the system's temp directory when it stands in none. */
function defaultParent(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "pnpm-workspace.yaml"))) {
    const parent = dirname(folder);
    if (parent === folder) return join(tmpdir(), "patchlane");
    folder = parent;
  }
  return folder;
}
