import type { HistogramSample, Sample } from "@patchlane/update-queue";

/** Everything under one name, as Prometheus knows it. */
export type Family = {
  readonly name: string;
  readonly help: string;
} & (
  | { readonly type: "counter" | "gauge"; readonly samples: readonly Sample[] }
  | { readonly type: "histogram"; readonly samples: readonly HistogramSample[] }
);

/** A family in the text format 0.0.4, which `prom-client` writes too. Names and label names are ours, and safe. */
export function familyText(family: Family): string {
  const { name, help, type } = family;
  const lines =
    family.type === "histogram"
      ? family.samples.flatMap((sample) => histogramLines(name, sample))
      : family.samples.map(({ labels, value }) => line(name, labels, value));
  return [`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${type}`, ...lines].join("\n");
}

function histogramLines(name: string, { labels, buckets, sum, count }: HistogramSample): string[] {
  return [
    ...buckets.map((bucket) =>
      line(`${name}_bucket`, { ...labels, le: numberText(bucket.le) }, bucket.count),
    ),
    line(`${name}_sum`, labels, sum),
    line(`${name}_count`, labels, count),
  ];
}

function line(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${numberText(value)}`;
}

function numberText(value: number): string {
  return value === Number.POSITIVE_INFINITY ? "+Inf" : String(value);
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
