/** `3.2 s`, `14 min`, `5.1 h`, `12 days`. */
export function durationText(seconds: number): string {
  const [value, unit] =
    seconds < 120
      ? [seconds, "s"]
      : seconds < 2 * 3_600
        ? [seconds / 60, "min"]
        : seconds < 2 * 86_400
          ? [seconds / 3_600, "h"]
          : [seconds / 86_400, "days"];
  return `${roundedText(value)} ${unit}`;
}

/** `850 kB`, `1.2 MB`, `2.3 GB`, `4.5 TB`: powers of ten. */
export function bytesText(bytes: number): string {
  const [value, unit] =
    bytes < 1e6
      ? [bytes / 1e3, "kB"]
      : bytes < 1e9
        ? [bytes / 1e6, "MB"]
        : bytes < 1e12
          ? [bytes / 1e9, "GB"]
          : [bytes / 1e12, "TB"];
  return `${roundedText(value)} ${unit}`;
}

/** Two digits are what a model is good for. */
function roundedText(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: value < 10 ? 1 : 0 });
}
