import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A directory that is gone after the running test. */
export async function tempDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "local-redis-test-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}
