import type { createColors } from "picocolors";
import { count, duration, percent, rate } from "./numbers.ts";
import type { Progress } from "./progress.ts";

/** Characters of the bar. */
const LONGEST_BAR = 30;
const SHORTEST_BAR = 8;

export interface LineStyle {
  readonly columns: number;
  readonly isUnicode: boolean;
  readonly colors: ReturnType<typeof createColors>;
}

interface Part {
  readonly text: string;
  readonly paint?: (text: string) => string;
  /** Parts of a higher rank are left out first when the line is narrow. */
  readonly rank: number;
}

/**
 * Progress in one line that never wraps: bar, per cent, counts, rate, time left, failures. What does not fit is left out, the
 * least important first.
 */
export function progressLine(progress: Progress, style: LineStyle): string {
  const { colors, isUnicode } = style;
  // The last column stays free: some terminals wrap when it is filled.
  const width = style.columns - 1;
  const parts = fitting(partsOf(progress, colors), width);
  const used = widthOf(parts);
  const room = width - used - (used === 0 ? 0 : GAP.length);
  const bar = room >= SHORTEST_BAR ? barOf(progress, Math.min(room, LONGEST_BAR), isUnicode) : "";
  const texts = parts.map(({ text, paint = (plain) => plain }) => paint(text));
  const first = bar === "" ? [] : [colors.cyan(bar)];
  return [...first, ...texts].join(GAP);
}

const GAP = "  ";

function partsOf(progress: Progress, colors: LineStyle["colors"]): Part[] {
  const { done, total, failed, unchanged, cancelled, perSecond, etaSeconds, state } = progress;
  const when = (isThere: boolean, part: Part): Part[] => (isThere ? [part] : []);
  return [
    ...when(state !== "RUNNING", { text: state, rank: 1, paint: colors.yellow }),
    { text: `${percent(done, total)}%`, rank: 0 },
    { text: `${count(done)}/${count(total)}`, rank: 3 },
    ...when(perSecond !== undefined, { text: rate(perSecond ?? 0), rank: 5 }),
    ...when(etaSeconds !== undefined, { text: `${duration(etaSeconds ?? 0)} left`, rank: 4 }),
    ...when(failed > 0, { text: `${count(failed)} failed`, rank: 2, paint: colors.red }),
    ...when(unchanged > 0, { text: `${count(unchanged)} unchanged`, rank: 6, paint: colors.dim }),
    ...when(cancelled > 0, { text: `${count(cancelled)} cancelled`, rank: 7, paint: colors.dim }),
    ...when(progress.isDryRun, { text: "dry run", rank: 8, paint: colors.dim }),
  ];
}

/** As many parts as fit, by rank, in their order. */
function fitting(parts: readonly Part[], width: number): Part[] {
  const kept = [...parts];
  while (kept.length > 0 && widthOf(kept) > width) {
    const worst = Math.max(...kept.map(({ rank }) => rank));
    kept.splice(
      kept.findIndex(({ rank }) => rank === worst),
      1,
    );
  }
  return kept;
}

function widthOf(parts: readonly Part[]): number {
  const gaps = Math.max(0, parts.length - 1) * GAP.length;
  return parts.reduce((sum, { text }) => sum + text.length, gaps);
}

function barOf({ done, total }: Progress, width: number, isUnicode: boolean): string {
  const filled = total === 0 ? width : Math.floor((done / total) * width);
  const [full, empty] = isUnicode ? ["█", "░"] : ["#", "-"];
  return full.repeat(filled) + empty.repeat(width - filled);
}
