import type { Redis } from "ioredis";
import type { AccountKeys } from "./account-keys.ts";
import type { PayloadCodec } from "./payload-codec.ts";
import { KNOWN_FOR_MS } from "./redis-known-states.ts";
import type { ListKnowledge, PassEvidence, PassProgress, Survey } from "./survey.ts";

/** ms a bulk update relies on a pass: one that was paused meanwhile looks again, for the price of a page. */
const EVIDENCE_FOR_MS = 15 * 60 * 1000;

/** See {@link Survey}. All of it is sealed: links and totals are the partner's own. */
export class RedisSurvey implements Survey {
  readonly #redis: Redis;
  readonly #keys: AccountKeys;
  readonly #codec: PayloadCodec;
  readonly #lifetimeMs: number;

  constructor(edges: {
    redis: Redis;
    keys: AccountKeys;
    codec: PayloadCodec;
    retentionMs: number;
  }) {
    this.#redis = edges.redis;
    this.#keys = edges.keys;
    this.#codec = edges.codec;
    this.#lifetimeMs = Math.min(KNOWN_FOR_MS, edges.retentionMs);
  }

  knowledge(): Promise<ListKnowledge | undefined> {
    return this.#read(this.#keys.surveyKnowledge);
  }

  progress(): Promise<PassProgress | undefined> {
    return this.#read(this.#keys.surveyCheckpoint);
  }

  evidence(bulkUpdateId: string): Promise<PassEvidence | undefined> {
    return this.#read(this.#keys.surveyOf(bulkUpdateId));
  }

  async save(progress: PassProgress): Promise<void> {
    const text = this.#write(progress);
    await this.#redis.set(this.#keys.surveyCheckpoint, text, "PX", this.#lifetimeMs);
  }

  complete(progress: PassProgress, knowledge: ListKnowledge): Promise<void> {
    return this.#end(progress, knowledge, true);
  }

  giveUp(progress: PassProgress): Promise<void> {
    return this.#end(progress, undefined, false);
  }

  async #end(
    { chain, pass, serves, total, pageSize, fullSince, kind }: PassProgress,
    knowledge: ListKnowledge | undefined,
    isComplete: boolean,
  ): Promise<void> {
    const { surveyKnowledge, surveyCheckpoint, surveyOf } = this.#keys;
    const evidence: PassEvidence = { chain, pass, isComplete };
    const steps = this.#redis.multi().del(surveyCheckpoint);
    for (const bulkUpdateId of serves) {
      steps.set(surveyOf(bulkUpdateId), this.#write(evidence), "PX", EVIDENCE_FOR_MS);
    }
    // How long the list is was learned all the same. A chain is not broken by a pass of it that was given up.
    const left =
      knowledge ??
      (kind === "full" && total !== undefined
        ? { chain, pass, newest: undefined, isOrderProven: false, total, pageSize, fullSince }
        : undefined);
    if (left !== undefined) {
      steps.set(surveyKnowledge, this.#write(left), "PX", this.#lifetimeMs);
    }
    for (const [error] of (await steps.exec()) ?? []) {
      if (error !== null) {
        throw error;
      }
    }
  }

  #write(what: ListKnowledge | PassProgress | PassEvidence): string {
    return this.#codec.seal(JSON.stringify(what));
  }

  /** What cannot be opened (sealed with a key not known here) is not known. */
  async #read<T>(key: string): Promise<T | undefined> {
    const stored = await this.#redis.get(key);
    if (stored === null) {
      return undefined;
    }
    try {
      return JSON.parse(this.#codec.open(stored)) as T;
    } catch {
      return undefined;
    }
  }
}
