/** One figure over the rounds: its median, its extremes, and every sample it comes from. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  readonly samples: readonly number[];
}

/**
 * Of an even number of samples, the median is the mean of the two in the middle. Samples that are no number (a rival that was through
 * before it was looked at) are left out; NaN without any.
 */
export function spreadOf(samples: readonly number[]): Spread {
  const sorted = samples.filter(Number.isFinite).sort((a, b) => a - b);
  return {
    median: median(sorted),
    least: sorted.at(0) ?? Number.NaN,
    most: sorted.at(-1) ?? Number.NaN,
    samples,
  };
}

/** Round by round the one over the other: what two things measured side by side say of each other. */
export function ratioOf(ours: readonly number[], rivals: readonly number[]): Spread {
  return spreadOf(ours.map((value, round) => value / (rivals[round] ?? Number.NaN)));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? Number.NaN) + upper) / 2 : upper;
}
