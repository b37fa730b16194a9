import type { Redis } from "ioredis";
import type { AccountKeys } from "./account-keys.ts";
import type { PayloadCodec } from "./payload-codec.ts";

/** Keeps the newest refresh token of an account, sealed when a ledger key is set, for all its processes. */
export class RedisRefreshToken {
  readonly #redis: Redis;
  readonly #key: string;
  readonly #codec: PayloadCodec;

  constructor(edges: { redis: Redis; keys: AccountKeys; codec: PayloadCodec }) {
    this.#redis = edges.redis;
    this.#key = edges.keys.refreshToken;
    this.#codec = edges.codec;
  }

  async load(): Promise<string | undefined> {
    const stored = await this.#redis.get(this.#key);
    return stored === null ? undefined : this.#codec.open(stored);
  }

  async save(refreshToken: string): Promise<void> {
    await this.#redis.set(this.#key, this.#codec.seal(refreshToken));
  }
}
