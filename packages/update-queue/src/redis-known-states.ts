import { parseReferral, type Referral } from "@patchlane/referral-patch";
import type { Redis } from "ioredis";
import type { AccountKeys } from "./account-keys.ts";
import type { PayloadCodec } from "./payload-codec.ts";

/** ms after which a remembered state is forgotten; with its ETag sent along, an old one does no harm. */
const KNOWN_FOR_MS = 60 * 60 * 1000;

/** A referral as it was last seen upstream. */
export interface KnownState {
  readonly referral: Referral;
  /** undefined when the upstream told none: writes based on it cannot be guarded. */
  readonly etag: string | undefined;
  /** Unix ms when it was seen. */
  readonly seenAt: number;
}

export interface KnownStates {
  get(referralId: string): Promise<KnownState | undefined>;
  put(referralId: string, state: KnownState): Promise<void>;
  forget(referralId: string): Promise<void>;
}

export class RedisKnownStates implements KnownStates {
  readonly #redis: Redis;
  readonly #keys: AccountKeys;
  readonly #codec: PayloadCodec;

  constructor(edges: { redis: Redis; keys: AccountKeys; codec: PayloadCodec }) {
    this.#redis = edges.redis;
    this.#keys = edges.keys;
    this.#codec = edges.codec;
  }

  async get(referralId: string): Promise<KnownState | undefined> {
    const stored = await this.#redis.get(this.#keys.knownState(referralId));
    if (stored === null) {
      return undefined;
    }
    const state = this.#read(stored);
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
    const stored = this.#codec.seal(JSON.stringify(state));
    await this.#redis.set(this.#keys.knownState(referralId), stored, "PX", KNOWN_FOR_MS);
  }

  async forget(referralId: string): Promise<void> {
    await this.#redis.del(this.#keys.knownState(referralId));
  }
}
