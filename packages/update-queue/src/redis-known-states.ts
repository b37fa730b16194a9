import { parseETag, parseReferral, type Referral } from "@patchlane/referral-patch";
import type { Redis } from "ioredis";
import type { AccountKeys } from "./account-keys.ts";
import type { PayloadCodec } from "./payload-codec.ts";
import { runScript } from "./redis-scripts.ts";

/** ms after which a remembered state is forgotten; with its ETag sent along, an old one does no harm. */
const KNOWN_FOR_MS = 60 * 60 * 1000;

/** States handed to Redis in one go: about 250 kB at 2 to 3 kB each, so that other commands get their turn. */
const STATES_A_BATCH = 100;

/** A referral as it was last seen upstream. */
export interface KnownState {
  readonly referral: Referral;
  /** undefined when the upstream told none: writes based on it cannot be guarded. */
  readonly etag: string | undefined;
  /** Unix ms when it was seen, by the clock of whoever saw it: to be shown, not to be compared. */
  readonly seenAt: number;
}

/** The last known state of referrals. One that is out of date costs calls, never data: writes carry its ETag. */
export interface KnownStates {
  get(referralId: string): Promise<KnownState | undefined>;
  /** Remembers what the upstream just answered, unless a newer version (by `updatedDateTime`) is known. */
  put(referralId: string, state: KnownState): Promise<void>;
  /**
   * Remembers the items of a list page where nothing, or an older version, is known. They must be whole (no
   * `$select`); those without an `eTag` are of no use and left out. Takes 2 to 3 kB of Redis each for an hour.
   */
  putMany(referrals: readonly Referral[], seenAt: number): Promise<void>;
  forget(referralId: string): Promise<void>;
}

export class RedisKnownStates implements KnownStates {
  readonly #redis: Redis;
  readonly #keys: AccountKeys;
  readonly #codec: PayloadCodec;
  readonly #lifetimeMs: number;

  constructor(edges: {
    redis: Redis;
    keys: AccountKeys;
    codec: PayloadCodec;
    /** Nothing of a referral is kept longer than this. */
    retentionMs: number;
  }) {
    this.#redis = edges.redis;
    this.#keys = edges.keys;
    this.#codec = edges.codec;
    this.#lifetimeMs = Math.min(KNOWN_FOR_MS, edges.retentionMs);
  }

  async get(referralId: string): Promise<KnownState | undefined> {
    const stored = await this.#redis.get(this.#keys.knownState(referralId));
    if (stored === null) {
      return undefined;
    }
    const state = this.#read(stored.replace(/^\d* /, ""));
    const parsed = parseReferral(state?.referral);
    return state !== undefined && parsed.ok
      ? { referral: parsed.referral, etag: state.etag, seenAt: state.seenAt }
      : undefined;
  }

  /** What cannot be opened (sealed with a key not known here) is not known. */
  #read(stored: string): KnownState | undefined {
    try {
      return JSON.parse(this.#codec.open(stored)) as KnownState;
    } catch {
      return undefined;
    }
  }

  async put(referralId: string, state: KnownState): Promise<void> {
    await this.#remember(referralId, state, false);
  }

  async putMany(referrals: readonly Referral[], seenAt: number): Promise<void> {
    const useful = referrals.flatMap((referral): KnownState[] => {
      const parsed = parseETag(referral.eTag);
      return parsed.ok ? [{ referral, etag: parsed.etag, seenAt }] : [];
    });
    for (let at = 0; at < useful.length; at += STATES_A_BATCH) {
      const batch = useful.slice(at, at + STATES_A_BATCH);
      await Promise.all(batch.map((state) => this.#remember(state.referral.id, state, true)));
    }
  }

  async #remember(referralId: string, state: KnownState, isFromList: boolean): Promise<void> {
    await runScript(
      this.#redis,
      "rememberState",
      [this.#keys.knownState(referralId)],
      [
        updatedMs(state.referral),
        this.#codec.seal(JSON.stringify(state)),
        this.#lifetimeMs,
        isFromList ? "1" : "0",
      ],
    );
  }

  async forget(referralId: string): Promise<void> {
    await this.#redis.del(this.#keys.knownState(referralId));
  }
}

/** When the upstream last changed it (Unix ms by its clock); "" when it does not say. */
function updatedMs({ updatedDateTime }: Referral): number | "" {
  const at = typeof updatedDateTime === "string" ? Date.parse(updatedDateTime) : Number.NaN;
  return at >= 0 ? at : "";
}
