import { createExternalIdIndex } from "./external-id-index.ts";
import type { Json, JsonObject } from "./json.ts";
import { type SeedOptions, seedReferrals } from "./seed.ts";
import { createWriteClock, formatMicros, type Micros, parseMicros } from "./timestamps.ts";

/** One referral as held in memory. `document` is replaced on a write, never changed in place. */
export interface StoredReferral {
  readonly id: string;
  /** Creation order; breaks ties when sorting. */
  readonly ordinal: number;
  document: JsonObject;
  /** Quotes included; equal to `document.eTag`. */
  etag: string;
  createdMicros: Micros;
  updatedMicros: Micros;
  isDeleted: boolean;
}

/** Which time a listing is sorted by. */
export type SortKey = "createdMicros" | "updatedMicros";

/** All referrals of a simulator. */
export interface ReferralStore {
  /** Finds by id, letter case ignored. */
  get(id: string): StoredReferral | undefined;
  /** Stores a new version: sets `eTag` and `updatedDateTime` in `document`, which it takes over. */
  write(referral: StoredReferral, document: JsonObject): void;
  /** Adds a referral; sets `id`, `eTag`, `createdDateTime`, `updatedDateTime` in `document`. */
  create(id: string, document: JsonObject): StoredReferral;
  remove(id: string): boolean;
  /** All in creation order, or by a time (ties by creation order). Do not change the array. */
  inOrder(sortKey?: SortKey): readonly StoredReferral[];
  /** Those with that `externalReferenceId`, in no particular order. */
  withExternalId(externalId: string): readonly StoredReferral[];
  readonly size: number;
}

/** First number of the ETags given out for writes; seeded documents stay below it. */
const FIRST_WRITE_NUMBER = 0x30000000;

/** A store filled from a seed. */
export function createReferralStore(options: SeedOptions): ReferralStore {
  const nextWriteTime = createWriteClock();
  const byId = new Map<string, StoredReferral>();
  const byExternalId = createExternalIdIndex();
  let all: StoredReferral[] = [];
  let nextOrdinal = 0;
  let writeNumber = FIRST_WRITE_NUMBER;
  let version = 0;
  const sorted = new Map<SortKey, { version: number; referrals: StoredReferral[] }>();

  function add(referral: StoredReferral): void {
    byId.set(referral.id.toLowerCase(), referral);
    byExternalId.add(referral);
    all.push(referral);
    version += 1;
  }

  // The shape of the vendor's ETags: a number that grows with every write, and the time in seconds.
  function nextETag(micros: Micros): string {
    writeNumber += 1;
    const seconds = Math.floor(micros / 1_000_000)
      .toString(16)
      .padStart(8, "0");
    return `"${writeNumber.toString(16).padStart(8, "0")}-0000-0000-0000-${seconds}0000"`;
  }

  for (const { document, createdMicros, updatedMicros } of seedReferrals(options)) {
    add({
      id: String(document.id),
      ordinal: nextOrdinal++,
      document,
      etag: String(document.eTag),
      createdMicros,
      updatedMicros,
      isDeleted: false,
    });
  }

  return {
    get: (id) => byId.get(id) ?? byId.get(id.toLowerCase()),
    write(referral, document) {
      const micros = nextWriteTime();
      const etag = nextETag(micros);
      document.eTag = etag;
      document.updatedDateTime = formatMicros(micros);
      byExternalId.remove(referral);
      referral.document = document;
      byExternalId.add(referral);
      referral.etag = etag;
      referral.updatedMicros = micros;
      referral.createdMicros = microsOf(document.createdDateTime) ?? referral.createdMicros;
      version += 1;
    },
    create(id, document) {
      const micros = nextWriteTime();
      const etag = nextETag(micros);
      const whole: JsonObject = {
        ...document,
        id,
        createdDateTime: document.createdDateTime ?? formatMicros(micros),
        updatedDateTime: formatMicros(micros),
        eTag: etag,
      };
      const referral: StoredReferral = {
        id,
        ordinal: nextOrdinal++,
        document: whole,
        etag,
        createdMicros: microsOf(whole.createdDateTime) ?? micros,
        updatedMicros: micros,
        isDeleted: false,
      };
      add(referral);
      return referral;
    },
    remove(id) {
      const referral = byId.get(id.toLowerCase());
      if (referral === undefined) return false;
      referral.isDeleted = true;
      byExternalId.remove(referral);
      byId.delete(id.toLowerCase());
      all = all.filter((other) => other !== referral);
      sorted.clear();
      version += 1;
      return true;
    },
    inOrder(sortKey) {
      if (sortKey === undefined) return all;
      const known = sorted.get(sortKey);
      if (known?.version === version) return known.referrals;
      // Sorting the previous order again is cheap: it is almost in order (the engine merges runs).
      const referrals =
        known?.referrals.length === all.length ? known.referrals.slice() : all.slice();
      referrals.sort(inOrderOf(sortKey));
      sorted.set(sortKey, { version, referrals });
      return referrals;
    },
    withExternalId: byExternalId.find,
    get size() {
      return all.length;
    },
  };
}

/** By a time, ties by creation order; without one, by that alone. */
export function inOrderOf(sortKey?: SortKey): (a: StoredReferral, b: StoredReferral) => number {
  return sortKey === undefined
    ? (a, b) => a.ordinal - b.ordinal
    : (a, b) => a[sortKey] - b[sortKey] || a.ordinal - b.ordinal;
}

function microsOf(value: Json | undefined): Micros | undefined {
  return typeof value === "string" ? parseMicros(value) : undefined;
}
