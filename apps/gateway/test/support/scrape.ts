import { expect } from "vitest";

/** One line of an answer: `name{label="value"} 1`. */
export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What a scraper reads at `/metrics`. */
export interface Scrape {
  readonly text: string;
  readonly types: ReadonlyMap<string, string>;
  readonly series: readonly Series[];
  /** Sum of the series with this name and these labels; undefined when there is none. */
  value(name: string, labels?: Readonly<Record<string, string>>): number | undefined;
}

const TYPE = /^# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge|histogram|summary)$/;
const HELP = /^# HELP [a-zA-Z_:][\w:]* \S.*$/;
const SERIES =
  /^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\n"])*",?)+)\})? (\+Inf|NaN|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\n"])*)"/g;

/** Reads the text format to the letter: a line that is none of it fails the test, and so does a series without its type. */
export function parseScrape(text: string): Scrape {
  const types = new Map<string, string>();
  const series: Series[] = [];
  expect(text.endsWith("\n"), "the last line ends").toBe(true);
  for (const line of text.split("\n").filter(Boolean)) {
    const [, typed, type] = TYPE.exec(line) ?? [];
    const [, name, labels = "", value] = SERIES.exec(line) ?? [];
    if (typed !== undefined && type !== undefined) {
      expect(types.has(typed), `${typed} has one type`).toBe(false);
      types.set(typed, type);
    } else if (name === undefined) {
      expect(line).toMatch(HELP);
    } else {
      const family = name.replace(/_(bucket|sum|count)$/, "");
      expect(types.has(name) || types.get(family) === "histogram", `${name} has a type`).toBe(true);
      const pairs = [...labels.matchAll(LABEL)].map(([, key = "", said = ""]) => [key, said]);
      series.push({ name, labels: Object.fromEntries(pairs), value: Number(value) });
    }
  }
  return {
    text,
    types,
    series,
    value: (name, wanted = {}) => {
      const found = series.filter(
        (one) =>
          one.name === name &&
          Object.entries(wanted).every(([label, value]) => one.labels[label] === value),
      );
      return found.length === 0 ? undefined : found.reduce((sum, one) => sum + one.value, 0);
    },
  };
}

export async function scrape(origin: string, headers: HeadersInit = {}): Promise<Scrape> {
  const response = await fetch(`${origin}/metrics`, { headers });
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  return parseScrape(await response.text());
}
