/** One number, and what tells it from its siblings. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One distribution; `buckets` are cumulative, and the last one (`le` is Infinity) holds them all. */
export interface HistogramSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly buckets: readonly { readonly le: number; readonly count: number }[];
  readonly sum: number;
  readonly count: number;
}

/** Names the values of a series: `["patch"]` of labels `["operation"]` is `{ operation: "patch" }`. */
function named(labels: readonly string[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(labels.map((label, index) => [label, values[index] ?? ""]));
}

/** Adds up counts by the values of their labels. */
export class CounterSeries {
  readonly #labels: readonly string[];
  readonly #values = new Map<string, { readonly of: readonly string[]; value: number }>();

  constructor(labels: readonly string[]) {
    this.#labels = labels;
  }

  add(values: readonly string[], by: number): void {
    const of = values.slice(0, this.#labels.length);
    const key = of.join("|");
    const entry = this.#values.get(key) ?? { of, value: 0 };
    entry.value += by;
    this.#values.set(key, entry);
  }

  samples(): Sample[] {
    return [...this.#values.values()].map(({ of, value }) => ({
      labels: named(this.#labels, of),
      value,
    }));
  }
}

/** Adds up buckets by the values of their labels. */
export class HistogramSeries {
  readonly #labels: readonly string[];
  readonly #bounds: readonly number[];
  readonly #values = new Map<
    string,
    { readonly of: readonly string[]; readonly counts: number[]; sum: number }
  >();

  constructor(labels: readonly string[], bounds: readonly number[]) {
    this.#labels = labels;
    this.#bounds = bounds;
  }

  /** `upperBound` is what was counted up to; one that is none of ours (another version's) goes to the next higher one. */
  add(values: readonly string[], upperBound: number, by: number): void {
    const { counts } = this.#entry(values);
    const found = this.#bounds.findIndex((bound) => upperBound <= bound);
    const at = found === -1 ? this.#bounds.length : found;
    counts[at] = (counts[at] ?? 0) + by;
  }

  addSum(values: readonly string[], by: number): void {
    this.#entry(values).sum += by;
  }

  samples(): HistogramSample[] {
    return [...this.#values.values()].map(({ of, counts, sum }) => {
      let count = 0;
      const buckets = [...this.#bounds, Number.POSITIVE_INFINITY].map((le, index) => {
        count += counts[index] ?? 0;
        return { le, count };
      });
      return { labels: named(this.#labels, of), buckets, sum, count };
    });
  }

  #entry(values: readonly string[]) {
    const of = values.slice(0, this.#labels.length);
    const key = of.join("|");
    const entry = this.#values.get(key) ?? { of, counts: [], sum: 0 };
    this.#values.set(key, entry);
    return entry;
  }
}
