/** Up to the second, fraction, zone: the vendor writes seven digits, more than a Date holds. */
const DATE_TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,12}))?(Z|[+-]\d\d:\d\d)?$/i;

/** A text that sorts as the date-time does; undefined for what is none. Without a zone it is read as UTC. */
export function timeKey(value: unknown): string | undefined {
  const [whole, seconds, fraction = "", zone = "Z"] =
    typeof value === "string" ? (DATE_TIME.exec(value) ?? []) : [];
  const ms = whole === undefined ? Number.NaN : Date.parse(`${seconds}${zone}`);
  return Number.isNaN(ms)
    ? undefined
    : `${String(ms + YEAR_ZERO).padStart(15, "0")}.${fraction.padEnd(12, "0")}`;
}

/** ms from the year 0 to 1970: no date-time of four digits is negative. */
const YEAR_ZERO = 62_200_000_000_000;
