import { readFile, writeFile } from "node:fs/promises";

/** Resident memory of a process in MB, now and at its peak since {@link forgetPeak}. Linux only. */
export async function memoryOf(pid: number): Promise<{ nowMb: number; peakMb: number }> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const kb = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? Number.NaN);
  return { nowMb: kb("VmRSS") / 1024, peakMb: kb("VmHWM") / 1024 };
}

/** The peak counts from now. */
export async function forgetPeak(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, "5");
}
