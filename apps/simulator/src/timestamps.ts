/** Microseconds since the Unix epoch; a double holds them exactly until the year 2255. */
export type Micros = number;

const reused = new Date(0);

/** The vendor's date-time format: UTC, seven fractional digits. */
export function formatMicros(micros: Micros): string {
  const ms = Math.floor(micros / 1000);
  reused.setTime(ms);
  const rest = String(micros - ms * 1000).padStart(3, "0");
  return [reused.toISOString().slice(0, -1), rest, "0Z"].join("");
}

const DATE_TIME =
  /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/** Reads an OData/ISO date or date-time (no zone means UTC). `undefined` when it is not one. */
export function parseMicros(text: string): Micros | undefined {
  const parts = DATE_TIME.exec(text);
  if (parts === null) return undefined;
  const [, date, time = "00:00", seconds = "00", fraction = "", zone = "Z"] = parts;
  const ms = Date.parse(`${date}T${time}:${seconds}${zone}`);
  if (Number.isNaN(ms)) return undefined;
  return ms * 1000 + Number(fraction.padEnd(6, "0").slice(0, 6));
}

/** Hands out strictly increasing times that follow the wall clock, so that no two writes share one. */
export function createWriteClock(nowMs: () => number = Date.now): () => Micros {
  let last: Micros = 0;
  return () => {
    last = Math.max(nowMs() * 1000, last + 1);
    return last;
  };
}
