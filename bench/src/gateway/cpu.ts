import { readFile } from "node:fs/promises";

/** What the kernel counts in (`getconf CLK_TCK`): hundredths of a second on every Linux there is. */
const TICK_MS = 10;

/** ms of processor a process has used, its threads included. Linux only. */
export async function cpuMsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const [user, system] = stat.slice(stat.lastIndexOf(")")).split(" ").slice(12, 14);
  return (Number(user) + Number(system)) * TICK_MS;
}
