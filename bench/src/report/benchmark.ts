import type { Spread } from "./spread.ts";

/**
 * How much a benchmark does. `full`: what docs/benchmarks.md shows. `quick`: the same in a few minutes, for looking at a change.
 * `test`: as little as shows that it runs.
 */
export type Size = "full" | "quick" | "test";

/** One command of `pnpm bench`. */
export interface Benchmark {
  /** What it is called by, and its file in `results/`: kebab-case. */
  readonly name: string;
  readonly title: string;
  /** Markdown for readers: what is measured, against whom, how the rivals are configured and why that is fair to them. */
  readonly method: string;
  /** Packages whose versions matter, as `bench/package.json` has them; Redis and Node are always told. */
  readonly rivals: readonly string[];
  /** Measures, taking turns between Patchlane and its rivals in every round. Throws when something measured did not do its work. */
  run(context: RunContext): Promise<Findings>;
}

export interface RunContext {
  readonly size: Size;
  /** Progress, for whoever waits. */
  say(line: string): void;
}

/** What came out; everything in it is JSON. */
export interface Findings {
  /** Rounds whose medians are shown. */
  readonly rounds: number;
  readonly tables: readonly Table[];
  /** Empty where nothing was aimed for. */
  readonly goals: readonly Goal[];
}

export interface Table {
  readonly title: string;
  /** Markdown below the title, if anything has to be said. */
  readonly note?: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}

export interface Column {
  /** With its unit. */
  readonly head: string;
  /** Digits behind the point of its numbers; default 0. */
  readonly digits?: number;
}

/** `null` is a dash: not measured, or it does not apply. */
export type Cell = string | number | Spread | null;

export interface Goal {
  /** What was aimed for. */
  readonly text: string;
  /** What was measured, with its unit. */
  readonly measured: string;
  readonly isMet: boolean;
  /** When it is missed: why. */
  readonly why?: string;
}
