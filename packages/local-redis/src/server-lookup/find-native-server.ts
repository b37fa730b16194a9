import type { LookupEdges } from "./edges.ts";
import { findExecutable } from "./find-executable.ts";

/** A server program on this machine. */
export interface NativeServer {
  kind: "native";
  /** Absolute path. */
  command: string;
  name: "redis-server" | "valkey-server";
  /** As it says itself, e.g. `7.0.15`. */
  version: string;
}

/** A server, or why there is none. */
export type Finding<T> = { ok: true; server: T } | { ok: false; reason: string };

const NAMES = ["redis-server", "valkey-server"] as const;
/** The oldest that BullMQ supports without warnings. */
const MINIMUM = { major: 6, minor: 2 };

/** Looks for a usable server on PATH; one that does not run, or is too old, is passed over. */
export async function findNativeServer(
  edges: Pick<LookupEdges, "path" | "run">,
): Promise<Finding<NativeServer>> {
  const passedOver: string[] = [];
  for (const name of NAMES) {
    const command = await findExecutable(name, edges.path);
    if (command === undefined) continue;
    const { exitCode, stdout, stderr } = await edges.run(command, ["--version"]);
    const found = /v=((\d+)\.(\d+)[.\w-]*)/.exec(stdout);
    const version = found?.[1];
    if (exitCode !== 0 || version === undefined) {
      passedOver.push(`${command} does not run (${(stderr || stdout).trim() || "no output"})`);
    } else if (isNewEnough(Number(found?.[2]), Number(found?.[3]))) {
      return { ok: true, server: { kind: "native", command, name, version } };
    } else {
      passedOver.push(`${command} is version ${version}, too old`);
    }
  }
  return { ok: false, reason: passedOver.join(", ") || `neither ${NAMES.join(" nor ")} is there` };
}

function isNewEnough(major: number, minor: number): boolean {
  return major > MINIMUM.major || (major === MINIMUM.major && minor >= MINIMUM.minor);
}
