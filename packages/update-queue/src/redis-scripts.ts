import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Redis } from "ioredis";

/** The scripts in `lua/`; the number in a file name is its key count. */
const FILES = {
  acceptUpdate: "accept-update-7",
  addRows: "add-rows-2",
  beatWorker: "beat-worker-1",
  beginAttempt: "begin-attempt-4",
  beginBulk: "begin-bulk-1",
  cancelRows: "cancel-rows-4",
  claimLane: "claim-lane-7",
  closeBudget: "close-budget-1",
  confirmWakes: "confirm-wakes-1",
  commitBulk: "commit-bulk-2",
  countCalls: "count-calls-1",
  confirmSlot: "confirm-slot-1",
  delayBudget: "delay-budget-1",
  discardBulk: "discard-bulk-2",
  endCallback: "end-callback-2",
  endProbe: "end-probe-2",
  enlistRows: "enlist-rows-4",
  findEarlier: "find-earlier-1",
  flushMeters: "flush-meters-2",
  noteBulk: "note-bulk-1",
  pauseAccount: "pause-account-2",
  readBudget: "read-budget-1",
  releaseLane: "release-lane-6",
  rememberPage: "remember-page-1",
  rememberState: "remember-state-2",
  renewLane: "renew-lane-1",
  reserveSlots: "reserve-slots-1",
  restLane: "rest-lane-1",
  retryRows: "retry-rows-3",
  settleRows: "settle-rows-4",
  settleUpdates: "settle-updates-9",
  steerBulk: "steer-bulk-1",
  takeBackUpdate: "take-back-update-6",
  takeDueCallbacks: "take-due-callbacks-2",
  takeLead: "take-lead-1",
  takeDueLanes: "take-due-lanes-2",
  upstreamFailed: "upstream-failed-3",
} as const;

export type ScriptName = keyof typeof FILES;

interface LoadedScript {
  readonly lua: string;
  readonly sha: string;
  readonly keyCount: number;
}

const loaded = new Map<ScriptName, LoadedScript>();

function load(name: ScriptName): LoadedScript {
  const known = loaded.get(name);
  if (known !== undefined) {
    return known;
  }
  const file = FILES[name];
  const lua = readLua(`${file}.lua`);
  const script = {
    lua,
    sha: createHash("sha1").update(lua).digest("hex"),
    keyCount: Number(file.slice(file.lastIndexOf("-") + 1)),
  };
  loaded.set(name, script);
  return script;
}

/** The text of a script, with what its `-- include` lines name. */
function readLua(file: string): string {
  const text = readFileSync(new URL(`./lua/${file}`, import.meta.url), "utf8");
  return text.replace(/^-- include (\S+)$/gm, (_line, included: string) => readLua(included));
}

/** Runs one script by its digest, and with its text when Redis does not know it (first use, restart). */
export async function runScript(
  redis: Redis,
  name: ScriptName,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  const script = load(name);
  if (keys.length !== script.keyCount) {
    throw new TypeError(`${name} takes ${script.keyCount} keys, got ${keys.length}`);
  }
  try {
    return await redis.evalsha(script.sha, keys.length, ...keys, ...args);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes("NOSCRIPT")) {
      throw error;
    }
    return await redis.eval(script.lua, keys.length, ...keys, ...args);
  }
}
