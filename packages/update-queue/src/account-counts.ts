import { type CounterName, type HistogramName, METERS, SUM_SCALE } from "./meters.ts";
import {
  CounterSeries,
  type HistogramSample,
  HistogramSeries,
  type Sample,
} from "./metric-series.ts";
import type { FailureCode, UpdatePriority } from "./referral-update.ts";

/*
 * The metrics hash has a field for every series: `name|label value|label value`, and for histograms the upper bound of
 * a bucket or `sum` behind that. Scripts write the names below in the step that they count (tally.lua), so those are exact
 * whoever is killed; processes write those of meters.ts about once a second.
 *
 *   accepted|<priority>   withdrawn|<priority>   retried   bulkAccepted|<dry run>   bulkFinished|<state>|<dry run>
 *   finished|<state>|<failure code>|<priority>|<bucket, in ms>   tookMs|<priority>
 */

const PRIORITIES = ["interactive", "bulk"] as const satisfies readonly UpdatePriority[];
const FAILURE_CODES = [
  "INVALID_CHANGE",
  "INVALID_TRANSITION",
  "CONFLICT",
  "REFERRAL_NOT_FOUND",
  "ACCESS_DENIED",
  "UPSTREAM_UNAVAILABLE",
  "OUTCOME_UNKNOWN",
  "INTERNAL",
] as const satisfies readonly FailureCode[];
const ENDS = [
  ["APPLIED", ""],
  ["UNCHANGED", ""],
  ["CANCELLED", ""],
  ...FAILURE_CODES.map((code) => ["FAILED", code]),
];
const BULK_ENDS = ["COMPLETED", "COMPLETED_WITH_ERRORS", "CANCELLED"];
const YES_NO = ["yes", "no"];

/** Upper bounds (s) of how long updates take from accepted to final; `tally.lua` has the same in ms. */
const UPDATE_BOUNDS_S = [
  0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 86_400,
] as const;

/** Labels, and the series that are there from the start: the rate of one that appears with its first event misses that. */
const EXACT_COUNTERS = {
  accepted: { labels: ["priority"], start: PRIORITIES.map((priority) => [priority]) },
  withdrawn: { labels: ["priority"], start: PRIORITIES.map((priority) => [priority]) },
  retried: { labels: [], start: [[]] },
  finished: {
    labels: ["state", "code", "priority"],
    start: PRIORITIES.flatMap((priority) => ENDS.map((end) => [...end, priority])),
  },
  bulkAccepted: { labels: ["dry_run"], start: YES_NO.map((isDryRun) => [isDryRun]) },
  bulkFinished: {
    labels: ["state", "dry_run"],
    start: YES_NO.flatMap((isDryRun) => BULK_ENDS.map((state) => [state, isDryRun])),
  },
} as const satisfies Record<string, { labels: readonly string[]; start: readonly string[][] }>;

/** What scripts count in the step that does it. */
export type ExactCounterName = keyof typeof EXACT_COUNTERS;

/** Everything counted for one account since it began, whichever process did it. */
export interface AccountCounts {
  readonly counters: Readonly<Record<ExactCounterName | CounterName, readonly Sample[]>>;
  readonly histograms: Readonly<
    Record<"updateSeconds" | HistogramName, readonly HistogramSample[]>
  >;
}

/** Reads the metrics hash. Fields that mean nothing to this version are left out. */
export function decodeAccountCounts(stored: Readonly<Record<string, string>>): AccountCounts {
  const counters = new Map<string, CounterSeries>();
  const histograms = new Map<string, HistogramSeries>();
  for (const [name, { labels, start }] of Object.entries(EXACT_COUNTERS)) {
    counters.set(name, counterOf(labels, start));
  }
  const updateSeconds = histogramOf(["priority"], UPDATE_BOUNDS_S, [PRIORITIES]);
  histograms.set("updateSeconds", updateSeconds);
  for (const [name, meter] of Object.entries(METERS)) {
    const labels = Object.keys(meter.labels);
    const values: readonly (readonly string[])[] = Object.values(meter.labels);
    if (meter.kind === "counter") {
      counters.set(name, counterOf(labels, labels.length === 1 ? combined(values) : []));
    } else {
      histograms.set(name, histogramOf(labels, meter.bounds, values));
    }
  }
  for (const [field, text] of Object.entries(stored)) {
    const [name = "", ...rest] = field.split("|");
    const value = Number(text);
    counters.get(name)?.add(rest, value);
    const last = rest.at(-1) ?? "";
    if (name === "finished" && last !== "") {
      updateSeconds.add([rest[2] ?? ""], boundOf(last) / 1_000, value);
    } else if (name === "tookMs") {
      updateSeconds.addSum(rest, value / 1_000);
    } else if (last === "sum") {
      histograms.get(name)?.addSum(rest, value / SUM_SCALE);
    } else {
      histograms.get(name)?.add(rest, boundOf(last), value);
    }
  }
  return {
    counters: samplesOf<AccountCounts["counters"]>(counters),
    histograms: samplesOf<AccountCounts["histograms"]>(histograms),
  };
}

function boundOf(text: string): number {
  return text === "inf" ? Number.POSITIVE_INFINITY : Number(text);
}

function counterOf(
  labels: readonly string[],
  start: readonly (readonly string[])[],
): CounterSeries {
  const series = new CounterSeries(labels);
  for (const values of start) {
    series.add(values, 0);
  }
  return series;
}

function histogramOf(
  labels: readonly string[],
  bounds: readonly number[],
  values: readonly (readonly string[])[],
): HistogramSeries {
  const series = new HistogramSeries(labels, bounds);
  for (const of of combined(values)) {
    series.addSum(of, 0);
  }
  return series;
}

/** Every combination of one value for each label. */
function combined(values: readonly (readonly string[])[]): string[][] {
  return values.reduce<string[][]>(
    (sofar, next) => sofar.flatMap((some) => next.map((value) => [...some, value])),
    [[]],
  );
}

function samplesOf<Samples>(series: ReadonlyMap<string, { samples(): unknown }>): Samples {
  return Object.fromEntries([...series].map(([name, one]) => [name, one.samples()])) as Samples;
}
