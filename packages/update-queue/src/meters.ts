import type { UpdatePriority } from "./referral-update.ts";

/*
 * What processes count by themselves, for the account as a whole: name -> kind, labels with every value they can have, and for
 * histograms the upper bounds of their buckets. A value that is not listed is counted as `other`: what comes from outside (a status,
 * an error) never makes a new series.
 */

const OTHER = "other";

/** Statuses the upstream's documents name, and those proxies make. */
const UPSTREAM_STATUSES = [
  "200 201 204 301 302 307 308 400 401 403 404 405 406 408 409 410 411 412 413 414 415 416 422 423 429 431",
  "500 501 502 503 504 507 509 none",
]
  .join(" ")
  .split(" ");

const PRIORITY_LABEL = ["interactive", "bulk"] as const satisfies readonly UpdatePriority[];

export const METERS = {
  /** HTTP calls handed to a socket; `status` is `none` without an answer, `kind` says what went wrong. */
  upstreamCalls: {
    kind: "counter",
    labels: {
      operation: ["get", "list", "patch"],
      status: UPSTREAM_STATUSES,
      kind: [
        "ok",
        "ended",
        "throttled",
        "transient",
        "unknownOutcome",
        "unauthorized",
        "conflict",
        "rejected",
        "forbidden",
        "gone",
        "protocol",
      ],
    },
  },
  /** Seconds from handing a call to its socket until its answer was read. */
  upstreamCallSeconds: {
    kind: "histogram",
    labels: { operation: ["get", "list", "patch"] },
    bounds: [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
  /** Seconds a call waited for its moment in the rate budget. */
  budgetWaitSeconds: {
    kind: "histogram",
    labels: { priority: PRIORITY_LABEL },
    bounds: [0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
  },
  /** Answers that asked to be left alone: for the rate (429, 509), or because the upstream is unwell (503 with Retry-After). */
  throttled: { kind: "counter", labels: { reason: ["rate", "unwell"] } },
  /** Updates that left in one write which the upstream took. */
  updatesPerWrite: { kind: "histogram", labels: {}, bounds: [1, 2, 3, 5, 10, 20, 50, 100] },
  /** Writes that have to be made or established again. */
  repeats: { kind: "counter", labels: { reason: ["conflict", "lost_answer", "trouble"] } },
  /** Tries of callbacks of bulk updates. */
  callbacks: { kind: "counter", labels: { outcome: ["made", "failed", "given_up"] } },
} as const satisfies Record<string, Meter>;

interface Meter {
  readonly kind: "counter" | "histogram";
  readonly labels: Readonly<Record<string, readonly string[]>>;
  readonly bounds?: readonly number[];
}

export type MeterName = keyof typeof METERS;
type NameOf<Kind extends Meter["kind"]> = {
  [Name in MeterName]: (typeof METERS)[Name]["kind"] extends Kind ? Name : never;
}[MeterName];
export type CounterName = NameOf<"counter">;
export type HistogramName = NameOf<"histogram">;

/** Values of a meter's labels; what is not in its list is counted as `other`. */
export type LabelsOf<Name extends MeterName> = {
  readonly [Label in keyof (typeof METERS)[Name]["labels"]]: string;
};

/** Counts for /metrics. Costs no round trip, never throws. */
export interface Meters {
  count<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, by?: number): void;
  observe<Name extends HistogramName>(name: Name, labels: LabelsOf<Name>, value: number): void;
}

/** A meter as a table row, whatever its name. */
export function meterOf(name: MeterName): Meter {
  return METERS[name];
}

/** Sums of histograms are kept as whole millionths: adding up fractions would drift. */
export const SUM_SCALE = 1_000_000;

/** The field of the metrics hash for a meter with these label values, without its bucket. */
export function meterField(name: MeterName, labels: Readonly<Record<string, string>>): string {
  let field: string = name;
  for (const [label, allowed] of Object.entries(meterOf(name).labels)) {
    const value = labels[label] ?? OTHER;
    field += `|${allowed.includes(value) ? value : OTHER}`;
  }
  return field;
}

/** Upper bound of the bucket a value falls in, as it stands in the field's name. */
export function bucketOf(name: HistogramName, value: number): string {
  return String(METERS[name].bounds.find((bound) => value <= bound) ?? "inf");
}
