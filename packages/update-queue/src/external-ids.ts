import { hash } from "node:crypto";
import type { Referral } from "@patchlane/referral-patch";
import type { Redis } from "ioredis";
import type { AccountKeys } from "./account-keys.ts";

/** Bytes of a digest that are kept: no two ids of one account share them. */
const DIGEST_BYTES = 16;

/**
 * Which referrals had an external id (the CRM's own) when they were last seen: sets of referral ids under a digest of it.
 * Written by the scripts that remember states; a set outlives what it was made for, so what is found is to be checked
 * against the states themselves.
 */
export class ExternalIds {
  readonly prefix: string;
  readonly #redis: Redis;

  constructor(redis: Redis, keys: AccountKeys) {
    this.#redis = redis;
    this.prefix = keys.externalIdPrefix;
  }

  /** Name of the set a referral belongs to; undefined when it has no external id. */
  nameOf({ externalReferenceId }: Pick<Referral, "externalReferenceId">): string | undefined {
    return typeof externalReferenceId === "string" && externalReferenceId !== ""
      ? hash("sha256", externalReferenceId, "buffer")
          .subarray(0, DIGEST_BYTES)
          .toString("base64url")
      : undefined;
  }

  keyOf(referral: Pick<Referral, "externalReferenceId">): string | undefined {
    const name = this.nameOf(referral);
    return name === undefined ? undefined : this.prefix + name;
  }

  async find(externalReferenceId: string): Promise<string[]> {
    const key = this.keyOf({ externalReferenceId });
    return key === undefined ? [] : (await this.#redis.smembers(key)).sort();
  }
}
