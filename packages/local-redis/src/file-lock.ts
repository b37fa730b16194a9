import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

/** Thrown when somebody else still holds the lock after `waitMs`. */
export class FileLockHeldError extends Error {
  readonly holderPid: number;

  constructor(path: string, holderPid: number) {
    super(`${path} is held by process ${holderPid}`);
    this.name = "FileLockHeldError";
    this.holderPid = holderPid;
  }
}

const LOOK_AGAIN_MS = 100;

/** Distinguishes several takers within one process. */
let takers = 0;

/**
 * Takes a lock between processes of this machine: a file with the holder's process id. A lock left
 * behind by a process that is gone is taken over. Resolves with the release; rejects with
 * `FileLockHeldError` when it stays taken for `waitMs`.
 */
export async function takeFileLock(path: string, waitMs: number): Promise<() => Promise<void>> {
  const deadline = Date.now() + waitMs;
  takers += 1;
  const ticket = `${path}.${process.pid}.${takers}`;
  // A link appears with its content at once; a file opened and then written would be empty for a moment.
  await writeFile(ticket, String(process.pid));
  try {
    for (;;) {
      if (await tryLink(ticket, path)) return () => rm(path, { force: true });
      const holder = await readHolder(path);
      if (holder === undefined) continue;
      if (isAlive(holder)) {
        if (Date.now() >= deadline) throw new FileLockHeldError(path, Number(holder));
        await delay(LOOK_AGAIN_MS);
      } else {
        await discardStale(path, holder, `${ticket}.stale`);
      }
    }
  } finally {
    await rm(ticket, { force: true });
  }
}

/** Moves the lock aside before looking again, so that a lock taken meanwhile is put back, not lost. */
async function discardStale(path: string, staleHolder: string, aside: string): Promise<void> {
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  if ((await readHolder(aside)) !== staleHolder) await tryLink(aside, path);
  await rm(aside, { force: true });
}

async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

async function readHolder(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return undefined;
  }
}

function isAlive(holder: string): boolean {
  const pid = Number(holder);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
