import type { LookupEdges } from "./edges.ts";
import { findExecutable } from "./find-executable.ts";
import type { InstallOutcome } from "./install-outcome.ts";

/** Room for building from source on an old macOS. */
const INSTALL_TIMEOUT_MS = 15 * 60_000;
const WITHOUT_QUESTIONS = {
  NONINTERACTIVE: "1",
  HOMEBREW_NO_AUTO_UPDATE: "1",
  HOMEBREW_NO_ENV_HINTS: "1",
};

/** Installs Homebrew's `redis` formula; it starts no service by itself. */
export async function installWithBrew(edges: LookupEdges): Promise<InstallOutcome> {
  const brew = await findExecutable("brew", edges.path);
  if (brew === undefined) return { ok: false, reason: "not on this machine" };
  if (edges.isRoot) return { ok: false, reason: "Homebrew refuses to run as root" };
  edges.notify("Installing redis with Homebrew (once, may take a minute) …");
  const { exitCode, stderr } = await edges.run(brew, ["install", "redis"], {
    env: WITHOUT_QUESTIONS,
    timeoutMs: INSTALL_TIMEOUT_MS,
  });
  if (exitCode === 0) return { ok: true };
  return { ok: false, reason: `install failed: ${stderr.trim().split("\n").at(-1)}` };
}
