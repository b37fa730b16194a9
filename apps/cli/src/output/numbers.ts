const grouped = new Intl.NumberFormat("en-US");

/** `12,345`. */
export function count(value: number): string {
  return grouped.format(value);
}

/** `1 row`, `12,345 rows`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** `47s`, `5m 07s`, `2h 05m`, `3d 04h`: two units at most. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const units: readonly (readonly [letter: string, seconds: number])[] = [
    ["d", 86_400],
    ["h", 3600],
    ["m", 60],
  ];
  for (const [index, [letter, size]] of units.entries()) {
    if (whole >= size) {
      const [nextLetter, nextSize] = units[index + 1] ?? ["s", 1];
      const rest = Math.floor((whole % size) / nextSize);
      return `${Math.floor(whole / size)}${letter} ${String(rest).padStart(2, "0")}${nextLetter}`;
    }
  }
  return `${whole}s`;
}

/** `512 B`, `3.4 MB`. */
export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, value)) / 3));
  const scaled = value / 1000 ** step;
  return `${step === 0 ? scaled : scaled.toFixed(1)} ${units[step]}`;
}

/** `0/s`, `4.2/s`, `250/s`. */
export function rate(perSecond: number): string {
  return `${perSecond === 0 || perSecond >= 100 ? Math.round(perSecond) : perSecond.toFixed(1)}/s`;
}

/** Rounded down, so that 100 % means all. */
export function percent(done: number, total: number): number {
  return total === 0 ? 100 : Math.floor((done / total) * 100);
}
