import { readFile } from "node:fs/promises";

/** What the kernel counts in: hundredths of a second. */
const TICK_MS = 10;

/** ms of processor this machine's cores have not been idle, all of them together, or were not given to it. Linux only. */
export async function machineBusyMs(): Promise<number> {
  const [total = ""] = (await readFile("/proc/stat", "utf8")).split("\n");
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = total
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softirq + steal) * TICK_MS;
}
