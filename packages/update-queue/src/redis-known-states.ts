import { parseETag, type Referral } from "@patchlane/referral-patch";
import type { Redis } from "ioredis";
import { type AccountKeys, laneName } from "./account-keys.ts";
import { ExternalIds } from "./external-ids.ts";
import {
  etagText,
  MARK_AT,
  MARK_END,
  markOf,
  markText,
  packState,
  readStored,
  type StoredState,
  updatedMs,
} from "./known-state-text.ts";
import type { PayloadCodec } from "./payload-codec.ts";
import { runScript } from "./redis-scripts.ts";

/**
 * ms after which a remembered state is forgotten unless it is used: a nightly job finds what the last one learned, also when
 * that one was late. With its ETag sent along, an old one does no harm.
 */
export const KNOWN_FOR_MS = 48 * 60 * 60 * 1000;

/** States handed to Redis in one go: about 100 kB, so that other commands get their turn. */
const STATES_A_BATCH = 100;

/** A referral as it was last seen upstream. */
export interface KnownState {
  readonly referral: Referral;
  /** undefined when the upstream told none: writes based on it cannot be guarded. */
  readonly etag: string | undefined;
  /** Unix ms when it was seen, by the clock of whoever saw it: to be shown, not to be compared. */
  readonly seenAt: number;
}

/** Which reading of the whole list showed a state. See {@link Survey}. */
export interface PassMark {
  /** Fixed-width hex digits; a later chain has the greater one. */
  readonly chain: string;
  /** The pass in it, counted from 1. */
  readonly pass: number;
}

/** A known state, and the last pass that showed this very version; undefined = none did. */
export interface MarkedState extends KnownState {
  readonly mark: PassMark | undefined;
}

/**
 * What an item of a list page was: `news` (nothing, or an older version, was known), `confirmed` (this version was known),
 * `charted` (and a former pass of this chain had shown it), `repeated` (this pass had, already), `overtaken` (another
 * version is known that may be newer), `useless` (it has no ETag).
 */
export type ListedAs = "news" | "confirmed" | "charted" | "repeated" | "overtaken" | "useless";

const LISTED_AS: readonly ListedAs[] = ["overtaken", "news", "confirmed", "charted", "repeated"];

/** The last known state of referrals. One that is out of date costs calls, never data: writes carry its ETag. */
export interface KnownStates {
  get(referralId: string): Promise<KnownState | undefined>;
  /** Those that are known, by the ids asked for. Asked for in hundreds they cost two round trips. */
  getMany(referralIds: readonly string[]): Promise<Map<string, MarkedState>>;
  /** The marks alone, of those that are known. */
  getMarks(referralIds: readonly string[]): Promise<Map<string, PassMark | undefined>>;
  /** Remembers what the upstream just answered, unless a newer version (by `updatedDateTime`) is known. */
  put(referralId: string, state: KnownState): Promise<void>;
  /**
   * Remembers the items of a list page where nothing, or an older version, is known, and tells what each of them was. They
   * must be whole (no `$select`); those without an `eTag` are of no use and left out. Takes 0.5 to 1 kB of Redis each.
   */
  putMany(referrals: readonly Referral[], seenAt: number, mark?: PassMark): Promise<ListedAs[]>;
  /** They were found to be as they are known: they are kept as if they had been seen now. */
  keep(referralIds: readonly string[]): Promise<void>;
  forget(referralId: string): Promise<void>;
  /**
   * Referrals that had this external id when they were last seen, as far as is remembered; some may have another one by now.
   */
  withExternalId(externalReferenceId: string): Promise<string[]>;
}

export class RedisKnownStates implements KnownStates {
  readonly #redis: Redis;
  readonly #keys: AccountKeys;
  readonly #codec: PayloadCodec;
  readonly #externalIds: ExternalIds;
  readonly #lifetimeMs: number;

  constructor(edges: {
    redis: Redis;
    keys: AccountKeys;
    codec: PayloadCodec;
    /** Nothing of a referral is kept longer than this after it was seen. */
    retentionMs: number;
  }) {
    this.#redis = edges.redis;
    this.#keys = edges.keys;
    this.#codec = edges.codec;
    this.#externalIds = new ExternalIds(edges.redis, edges.keys);
    this.#lifetimeMs = Math.min(KNOWN_FOR_MS, edges.retentionMs);
  }

  async get(referralId: string): Promise<KnownState | undefined> {
    const stored = await this.#redis.get(this.#keys.knownState(referralId));
    return stored === null ? undefined : readStored(stored, this.#codec)?.state;
  }

  async getMany(referralIds: readonly string[]): Promise<Map<string, MarkedState>> {
    const found = new Map<string, MarkedState>();
    for (let at = 0; at < referralIds.length; at += STATES_A_BATCH) {
      const batch = referralIds.slice(at, at + STATES_A_BATCH);
      const stored = await this.#redis.mget(batch.map((id) => this.#keys.knownState(id)));
      for (const [index, text] of stored.entries()) {
        const known: StoredState | undefined =
          text === null ? undefined : readStored(text, this.#codec);
        if (known !== undefined) {
          found.set(batch[index] ?? "", { ...known.state, mark: known.mark });
        }
      }
    }
    return found;
  }

  async getMarks(referralIds: readonly string[]): Promise<Map<string, PassMark | undefined>> {
    const found = new Map<string, PassMark | undefined>();
    for (let at = 0; at < referralIds.length; at += STATES_A_BATCH) {
      const look = async (id: string): Promise<void> => {
        const text = await this.#redis.getrange(this.#keys.knownState(id), 0, MARK_END - 1);
        if (text !== "") {
          found.set(id, markOf(text));
        }
      };
      await Promise.all(referralIds.slice(at, at + STATES_A_BATCH).map(look));
    }
    return found;
  }

  async put(referralId: string, state: KnownState): Promise<void> {
    const externalId = this.#externalIds.keyOf(state.referral);
    const known = this.#keys.knownState(referralId);
    await runScript(
      this.#redis,
      "rememberState",
      [known, externalId ?? known],
      [
        updatedMs(state.referral) ?? "",
        etagText(state.etag),
        packState(state, this.#codec),
        this.#lifetimeMs,
        laneName(referralId),
      ],
    );
  }

  async putMany(
    referrals: readonly Referral[],
    seenAt: number,
    mark?: PassMark,
  ): Promise<ListedAs[]> {
    const all: ListedAs[] = [];
    for (let at = 0; at < referrals.length; at += STATES_A_BATCH) {
      all.push(...(await this.#putBatch(referrals.slice(at, at + STATES_A_BATCH), seenAt, mark)));
    }
    return all;
  }

  async #putBatch(
    referrals: readonly Referral[],
    seenAt: number,
    mark: PassMark | undefined,
  ): Promise<ListedAs[]> {
    const useful = referrals.map((referral) => parseETag(referral.eTag));
    const args = referrals.flatMap((referral, index): (string | number)[] => {
      const etag = useful[index];
      return etag?.ok
        ? [
            laneName(referral.id),
            updatedMs(referral) ?? "",
            etag.etag,
            packState({ referral, etag: etag.etag, seenAt }, this.#codec),
            this.#externalIds.nameOf(referral) ?? "",
          ]
        : [];
    });
    const verdicts =
      args.length === 0
        ? []
        : ((await runScript(
            this.#redis,
            "rememberPage",
            [this.#keys.knownState("")],
            [this.#externalIds.prefix, markText(mark), this.#lifetimeMs, MARK_AT, ...args],
          )) as number[]);
    let next = 0;
    return useful.map((etag) =>
      etag.ok ? (LISTED_AS[verdicts[next++] ?? 0] ?? "overtaken") : "useless",
    );
  }

  async keep(referralIds: readonly string[]): Promise<void> {
    for (let at = 0; at < referralIds.length; at += STATES_A_BATCH) {
      const batch = referralIds.slice(at, at + STATES_A_BATCH);
      const extend = (id: string) =>
        this.#redis.pexpire(this.#keys.knownState(id), this.#lifetimeMs);
      await Promise.all(batch.map(extend));
    }
  }

  async forget(referralId: string): Promise<void> {
    await this.#redis.del(this.#keys.knownState(referralId));
  }

  withExternalId(externalReferenceId: string): Promise<string[]> {
    return this.#externalIds.find(externalReferenceId);
  }
}
