import type { LookupEdges } from "./edges.ts";
import { findExecutable } from "./find-executable.ts";
import type { InstallOutcome } from "./install-outcome.ts";

/** A slow mirror, and another apt-get that holds the lock for a while. */
const INSTALL_TIMEOUT_MS = 15 * 60_000;

/**
 * $1: apt-get, $2: the policy file, $3: the directories to search first.
 *
 * Debian's package starts a system Redis on port 6379 and enables it at boot; we want its program
 * only. While a policy file says 101 nothing is started; one that is already there is left alone,
 * except one that a killed run of this script left behind. `update` may fail because of somebody
 * else's broken source and the install still work. A service that was there before is not touched.
 */
const INSTALL_SCRIPT = `
PATH="$3:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
export PATH DEBIAN_FRONTEND=noninteractive
mark="patchlane: do not start a service while its package is installed"
if [ ! -e "$2" ] || grep -q "$mark" "$2"; then
  trap 'rm -f "$2"' EXIT
  trap 'exit 130' HUP INT TERM
  printf '#!/bin/sh\\n# %s\\nexit 101\\n' "$mark" > "$2" && chmod 755 "$2" || exit 1
fi
was_there=$(dpkg-query -W -f '\${db:Status-Status}' redis-server 2> /dev/null)
"$1" -o Acquire::Retries=3 -o DPkg::Lock::Timeout=120 update >&2
"$1" -o Acquire::Retries=3 -o DPkg::Lock::Timeout=120 -y --no-install-recommends install redis-server >&2 || exit 1
[ "$was_there" = installed ] || update-rc.d redis-server disable >&2
exit 0
`;

/** Installs Debian's `redis-server` package, as root or through password-free sudo. */
export async function installWithApt(edges: LookupEdges): Promise<InstallOutcome> {
  const aptGet = await findExecutable("apt-get", edges.path);
  if (aptGet === undefined) return { ok: false, reason: "not on this machine" };
  const become = await rootPrefix(edges);
  if (become === undefined) return { ok: false, reason: "needs root or password-free sudo" };
  edges.notify("Installing redis-server with apt-get (once, may take a minute) …");
  const script = ["/bin/sh", "-c", INSTALL_SCRIPT, "install-redis"];
  const [command = "", ...args] = [
    ...[...become, ...script],
    ...[aptGet, edges.servicePolicyFile, edges.path],
  ];
  const { exitCode, stderr } = await edges.run(command, args, { timeoutMs: INSTALL_TIMEOUT_MS });
  if (exitCode === 0) return { ok: true };
  return { ok: false, reason: `install failed: ${lastLine(stderr)}` };
}

/** What to put before a command to run it as root; `undefined` when that would need a password. */
async function rootPrefix(edges: LookupEdges): Promise<string[] | undefined> {
  if (edges.isRoot) return [];
  const sudo = await findExecutable("sudo", edges.path);
  if (sudo === undefined) return undefined;
  const { exitCode } = await edges.run(sudo, ["-n", "true"]);
  return exitCode === 0 ? [sudo, "-n"] : undefined;
}

/** apt-get's last line is its error. */
function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
