import type { Redis } from "ioredis";
import { type AccountKeys, laneName } from "./account-keys.ts";
import { type Attempt, type LaneLease, LaneLostError, LONGEST_REST_MS } from "./lanes.ts";
import type { PayloadCodec } from "./payload-codec.ts";
import { runScript } from "./redis-scripts.ts";
import type { ReferralUpdate } from "./referral-update.ts";
import { idempotencyLifetimeMs } from "./retention.ts";
import { decodeUpdate, encodeStep, type UpdateStep } from "./update-record.ts";

/** ms a lane stays claimed without a sign of life. Long enough for an event loop's worst pause. */
export const LEASE_MS = 15_000;
/** ms between renewals; three chances within a lease. */
const RENEW_EVERY_MS = LEASE_MS / 3;
/** ms of a lease that must be left when a write is handed to the socket. */
const SEND_MARGIN_MS = 2_000;
/** Pending updates looked at in one go: a patch has at most as many operations. */
export const MOST_PENDING_SHOWN = 100;

/** What owning a lane touches. */
export interface LaneEdges {
  readonly redis: Redis;
  readonly keys: AccountKeys;
  readonly codec: PayloadCodec;
  readonly retentionMs: number;
}

/**
 * The updates before the first that cannot be opened here: it keeps its place, and those behind it theirs. Throws its
 * {@link SealedPayloadError} when nothing can be done before it, or when it is one of the `needed`.
 */
function upToSealed(
  pending: readonly ReferralUpdate[],
  needed: readonly string[] = [],
): readonly ReferralUpdate[] {
  const at = pending.findIndex(({ unreadable }) => unreadable !== undefined);
  const inTheWay = pending.find(
    ({ id, unreadable }, index) => unreadable !== undefined && (index === 0 || needed.includes(id)),
  );
  if (inTheWay?.unreadable !== undefined) {
    throw inTheWay.unreadable;
  }
  return at === -1 ? pending : pending.slice(0, at);
}

/** What claim-lane answers. */
export type ClaimReply =
  | readonly [verdict: "busy" | "resting", msLeft: number]
  | readonly [verdict: "empty"]
  | ShownLane;

/** A lane that is ours: attempt on record, Redis' time (ms), last known ETag, and every update as it is stored. */
export type ShownLane = readonly [
  verdict: "claimed",
  attempt: string,
  nowMs: number,
  etag: string,
  ...updates: StoredUpdate[],
];
type StoredUpdate = readonly [id: string, ...fields: string[]];

function decodeStored([id, ...flat]: StoredUpdate, codec: PayloadCodec) {
  const fields: Record<string, string> = {};
  for (let at = 0; at < flat.length; at += 2) {
    fields[flat[at] ?? ""] = flat[at + 1] ?? "";
  }
  return decodeUpdate(id, fields, codec);
}

/** Asks for the lane, as somebody new or as its owner who looks again; see claim-lane. */
export function claimLane(
  edges: LaneEdges,
  referralId: string,
  token: string,
  isOwner: boolean,
): Promise<ClaimReply> {
  const { keys } = edges;
  return runScript(
    edges.redis,
    "claimLane",
    [
      keys.laneOwner(referralId),
      keys.lane(referralId),
      keys.laneAttempt(referralId),
      keys.lanesWaiting,
      keys.lanesDue,
      keys.lanesWatched,
      keys.knownState(referralId),
    ],
    [
      token,
      LEASE_MS,
      laneName(referralId),
      MOST_PENDING_SHOWN,
      LONGEST_REST_MS,
      isOwner ? "1" : "0",
      keys.root,
    ],
  ) as Promise<ClaimReply>;
}

/** See {@link LaneLease}. */
export class RedisLaneLease implements LaneLease {
  /** As callers spell it; a lane that was woken from its name learns that at its first look. */
  referralId: string;
  readonly #edges: LaneEdges;
  readonly #token: string;
  readonly #lost = new AbortController();
  readonly #renewals: NodeJS.Timeout;
  /** Monotonic ms up to which the lease is certainly ours. */
  #ownedUntil: number;
  #lastSealed: { readonly attempt: Attempt; readonly text: string } | undefined;
  /** What the claim showed. */
  readonly #atClaim: ShownLane;
  /** Given up, as it was empty. */
  #isOver = false;

  /** `askedAt`: monotonic ms before the claim. */
  constructor(
    edges: LaneEdges,
    referralId: string,
    token: string,
    claimed: { shown: ShownLane; askedAt: number },
  ) {
    this.referralId = referralId;
    this.#edges = edges;
    this.#token = token;
    this.#atClaim = claimed.shown;
    this.#ownedUntil = claimed.askedAt + LEASE_MS;
    this.#renewals = setInterval(() => void this.#renew(), RENEW_EVERY_MS).unref();
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  async look(): ReturnType<LaneLease["look"]> {
    if (this.#isOver) {
      return { kind: "empty" };
    }
    const askedAt = performance.now();
    const reply = await claimLane(this.#edges, this.referralId, this.#token, true);
    if (reply[0] === "empty") {
      this.#giveUp();
      return { kind: "empty" };
    }
    if (reply[0] !== "claimed") {
      throw this.#lose();
    }
    this.#ownedUntil = askedAt + LEASE_MS;
    return this.#viewOf(reply);
  }

  atClaim(): ReturnType<LaneLease["look"]> {
    return this.#viewOf(this.#atClaim);
  }

  async #viewOf(shown: ShownLane): ReturnType<LaneLease["look"]> {
    const [, storedAttempt, nowMs, etag, ...updates] = shown;
    const pending = updates.flatMap((update) => decodeStored(update, this.#edges.codec) ?? []);
    this.referralId = pending[0]?.referralId ?? this.referralId;
    if (pending.length < updates.length) {
      const ids = updates.map(([id]) => id);
      return await this.#dropUnreadable(ids, pending);
    }
    if (storedAttempt === "") {
      const oldestForMs = nowMs - (pending[0]?.submittedAt ?? nowMs);
      const knownEtag = etag === "" ? undefined : etag;
      return { kind: "pending", pending: upToSealed(pending), oldestForMs, knownEtag };
    }
    const attempt = JSON.parse(this.#edges.codec.open(storedAttempt)) as Attempt;
    return { kind: "interrupted", attempt, pending: upToSealed(pending, attempt.updateIds) };
  }

  /** Updates whose record is gone (a partial restore, an eviction) must not block those behind them. */
  async #dropUnreadable(
    ids: readonly string[],
    readable: readonly { readonly id: string }[],
  ): ReturnType<LaneLease["look"]> {
    const error = { code: "INTERNAL", message: "the update's record is incomplete" } as const;
    const gone = ids.filter((id) => !readable.some((update) => update.id === id));
    await this.settle(
      gone.map((id) => ({ id, state: "FAILED", error })),
      false,
    );
    return this.look();
  }

  async begin(attempt: Attempt, mostSeen?: number): ReturnType<LaneLease["begin"]> {
    const { redis, keys } = this.#edges;
    const askedAt = performance.now();
    const verdict = await runScript(
      redis,
      "beginAttempt",
      [
        keys.laneOwner(this.referralId),
        keys.laneAttempt(this.referralId),
        keys.counts,
        keys.lane(this.referralId),
      ],
      [
        this.#token,
        LEASE_MS,
        this.#sealedFormOf(attempt),
        keys.root,
        keys.events,
        attempt.requestId,
        mostSeen ?? "",
        ...attempt.updateIds,
      ],
    );
    if (verdict === "lost") {
      throw this.#lose();
    }
    this.#ownedUntil = askedAt + LEASE_MS;
    return verdict as "begun" | "changed" | "more";
  }

  assertOwned(): void {
    if (performance.now() > this.#ownedUntil - SEND_MARGIN_MS) {
      throw this.#lose();
    }
  }

  async settle(steps: readonly UpdateStep[], isAttemptOver: boolean): Promise<void> {
    const { redis, keys, codec, retentionMs } = this.#edges;
    const askedAt = performance.now();
    const verdict = await runScript(
      redis,
      "settleUpdates",
      [
        keys.laneOwner(this.referralId),
        keys.lane(this.referralId),
        keys.laneAttempt(this.referralId),
        keys.lanesWaiting,
        keys.counts,
        keys.referralUpdates(this.referralId),
        keys.audit,
        keys.lanesDue,
        keys.lanesWatched,
      ],
      [
        this.#token,
        LEASE_MS,
        laneName(this.referralId),
        retentionMs,
        keys.root,
        keys.events,
        isAttemptOver ? "1" : "0",
        keys.idempotencyPrefix,
        idempotencyLifetimeMs(retentionMs),
        ...steps.flatMap((step) => encodeStep(step, codec)),
      ],
    );
    if (verdict === "lost") {
      throw this.#lose();
    }
    if (verdict === "emptied") {
      this.#giveUp();
    }
    this.#ownedUntil = askedAt + LEASE_MS;
  }

  async handBack(restMs?: number): Promise<void> {
    this.#end();
    if (this.#isOver) {
      return;
    }
    const { redis, keys } = this.#edges;
    await runScript(
      redis,
      "releaseLane",
      [
        keys.laneOwner(this.referralId),
        keys.lane(this.referralId),
        keys.laneAttempt(this.referralId),
        keys.lanesWaiting,
        keys.lanesDue,
        keys.lanesWatched,
      ],
      [
        this.#token,
        laneName(this.referralId),
        restMs === undefined ? "" : Math.min(Math.ceil(restMs), LONGEST_REST_MS),
      ],
    );
  }

  /** The same attempt in the same form, so that putting it on record twice counts once. */
  #sealedFormOf(attempt: Attempt): string {
    if (this.#lastSealed?.attempt !== attempt) {
      this.#lastSealed = { attempt, text: this.#edges.codec.seal(JSON.stringify(attempt)) };
    }
    return this.#lastSealed.text;
  }

  async #renew(): Promise<void> {
    const askedAt = performance.now();
    const key = this.#edges.keys.laneOwner(this.referralId);
    try {
      const owned = await runScript(this.#edges.redis, "renewLane", [key], [this.#token, LEASE_MS]);
      if (owned === 1) {
        this.#ownedUntil = Math.max(this.#ownedUntil, askedAt + LEASE_MS);
      } else {
        this.#lose();
      }
    } catch {
      // Redis is away; the next renewal, or assertOwned, finds out what that means for the lease.
    }
  }

  #lose(): LaneLostError {
    this.#end();
    const error = new LaneLostError(`another worker owns the lane of referral ${this.referralId}`);
    this.#lost.abort(error);
    return error;
  }

  #giveUp(): void {
    this.#isOver = true;
    this.#end();
  }

  #end(): void {
    clearInterval(this.#renewals);
  }
}
