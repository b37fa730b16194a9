import type { Json } from "./json.ts";

/** How a request ended: answered, connection cut by a fault, left by the client, or not yet. */
export type RequestOutcome = "open" | "answered" | "cut" | "abandoned";

/** One request to the API (or the token endpoint), as the log shows it. */
export interface LoggedRequest {
  /** 1, 2, 3 … in order of arrival. */
  readonly seq: number;
  /** Arrival and end in ms of the simulator's monotonic clock; `endMs` is null while open. */
  readonly startMs: number;
  readonly endMs: number | null;
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly referralId: string | null;
  readonly outcome: RequestOutcome;
  /** The status sent; null when none was. */
  readonly status: number | null;
  /** How long the answer's Retry-After asked to be left alone, in ms; null without that header. */
  readonly retryAfterMs: number | null;
  readonly clientRequestId: string | null;
  readonly requestId: string | null;
  readonly ifMatch: string | null;
  readonly prefer: string | null;
  /** The parsed body (for PATCH the operations), its text when not JSON, null when not kept. */
  readonly body: Json;
  /** Whether the request changed what the simulator holds. */
  readonly applied: boolean;
  /** Answered from an earlier request with the same request-id (`--honour-request-id`). */
  readonly replayed: boolean;
  /** The rules that struck, in order. */
  readonly faultIds: readonly string[];
  readonly etagBefore: string | null;
  readonly etagAfter: string | null;
  /** Writes to this referral in flight when this one arrived, itself included; 0 for reads. */
  readonly concurrentWritesSameReferral: number;
}

/** An entry while its request is handled. */
export interface LogEntry {
  seq: number;
  startMs: number;
  endMs: number | null;
  method: string;
  path: string;
  referralId: string | null;
  outcome: RequestOutcome;
  status: number | null;
  retryAfterMs: number | null;
  clientRequestId: string | null;
  requestId: string | null;
  ifMatch: string | null;
  prefer: string | null;
  bodyText: string | null;
  applied: boolean;
  replayed: boolean;
  faultIds: readonly string[];
  etagBefore: string | null;
  etagAfter: string | null;
  concurrentWritesSameReferral: number;
}

/** Which entries to read. */
export interface LogQuery {
  /** Only entries with a higher `seq`; default 0. */
  readonly since?: number;
  /** At most this many, the oldest first; default all. */
  readonly limit?: number;
}

/** The newest requests, in memory only. */
export interface RequestLog {
  add(entry: LogEntry): void;
  read(query?: LogQuery): LoggedRequest[];
  /** As `read`, one at a time: for long logs. */
  entries(query?: LogQuery): Generator<LoggedRequest, void>;
  clear(): void;
  readonly lastSeq: number;
  /** Entries held, and how many fell out because the log was full. */
  readonly size: number;
  readonly dropped: number;
}

/** A log that holds the newest `capacity` entries; `seq` goes on counting after a `clear`. */
export function createRequestLog(capacity: number): RequestLog {
  let ring: LogEntry[] = [];
  let lastSeq = 0;
  let firstSeq = 1;
  let dropped = 0;

  function* entries({ since = 0, limit = Number.POSITIVE_INFINITY }: LogQuery = {}) {
    let left = limit;
    for (let seq = Math.max(since + 1, firstSeq); seq <= lastSeq && left > 0; seq += 1) {
      const entry = ring[seq % capacity];
      // Entries may fall out while a long read is under way.
      if (entry?.seq !== seq) continue;
      left -= 1;
      yield viewOf(entry);
    }
  }

  return {
    add(entry) {
      lastSeq += 1;
      entry.seq = lastSeq;
      if (lastSeq - firstSeq >= capacity) {
        firstSeq += 1;
        dropped += 1;
      }
      ring[lastSeq % capacity] = entry;
    },
    read: (query) => [...entries(query)],
    entries,
    clear() {
      ring = [];
      firstSeq = lastSeq + 1;
      dropped = 0;
    },
    get lastSeq() {
      return lastSeq;
    },
    get size() {
      return lastSeq - firstSeq + 1;
    },
    get dropped() {
      return dropped;
    },
  };
}

/** The public form of an entry, with its body parsed. */
export function viewOf(entry: LogEntry): LoggedRequest {
  const { bodyText, ...rest } = entry;
  return {
    ...rest,
    faultIds: [...entry.faultIds],
    body: bodyText === null ? null : parse(bodyText),
  };
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
