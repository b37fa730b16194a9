/**
 * Preloaded (`node --import`) into every process we start: ends it when the one that started it is gone,
 * however that ended, `kill -9` included. Its stdin is a pipe from there and carries nothing; the kernel
 * closes it. Without a pipe nothing happens.
 */
import { fstatSync } from "node:fs";

function isPipe(fd: number): boolean {
  try {
    const found = fstatSync(fd);
    return found.isFIFO() || found.isSocket();
  } catch {
    return false;
  }
}

if (isPipe(0)) {
  // Nobody is left to hand over to or to read what we would still say.
  const end = (): void => void process.kill(process.pid, "SIGKILL");
  process.stdin.on("error", end).on("end", end).resume();
  (process.stdin as unknown as { unref(): void }).unref();
}
