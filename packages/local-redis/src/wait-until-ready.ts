import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { LOG_FILE } from "./data-dir.ts";
import { LocalRedisStartError, messageOf } from "./errors.ts";
import { redisCommand } from "./resp.ts";
import type { RunningServer } from "./running-server.ts";

/** Reading a large append-only file back is slow, and the server says `-LOADING` meanwhile. */
const READY_TIMEOUT_MS = 60_000;
const RETRY_EVERY_MS = 15;
const REPLY_TIMEOUT_MS = 2_000;
/** Enough of the log to name the cause. */
const LOG_KEPT_CHARS = 1_000;

/**
 * Resolves when this very server answers PING. Rejects with `LocalRedisStartError` when it ends
 * first or does not answer in time; the message has the end of its log.
 */
export async function waitUntilReady(
  server: RunningServer,
  port: number,
  dataDir: string,
): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  let lastProblem = "";
  while (Date.now() < deadline) {
    if (server.isGone()) {
      const said = `${server.stderr()}\n${await endOfLog(dataDir)}`.trim();
      throw new LocalRedisStartError(`Redis ended while starting on port ${port}: ${said}`);
    }
    // Whatever else listens on the port may never answer; no need to wait for it once ours is gone.
    const problem = await Promise.race([problemOf(server, port), server.gone]);
    if (problem === null) return;
    lastProblem = problem ?? "";
    await Promise.race([delay(RETRY_EVERY_MS), server.gone]);
  }
  throw new LocalRedisStartError(
    `Redis did not answer on port ${port} within ${READY_TIMEOUT_MS} ms: ${lastProblem}`,
  );
}

/** Why the server is not ready, or `null` when it is. */
async function problemOf(server: RunningServer, port: number): Promise<string | null> {
  try {
    await redisCommand(port, ["PING"], REPLY_TIMEOUT_MS);
    if (!server.showsPid || (await answeringPid(port)) === server.pid) return null;
    return "another process answers on the port";
  } catch (error) {
    return messageOf(error);
  }
}

/** A port can be taken by a stranger's Redis between choosing and using it. */
async function answeringPid(port: number): Promise<number | undefined> {
  const info = await redisCommand(port, ["INFO", "server"], REPLY_TIMEOUT_MS);
  const match = typeof info === "string" ? /^process_id:(\d+)/m.exec(info) : null;
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

async function endOfLog(dataDir: string): Promise<string> {
  try {
    return (await readFile(join(dataDir, LOG_FILE), "utf8")).slice(-LOG_KEPT_CHARS);
  } catch {
    return "";
  }
}
