/**
 * Names of everything one account keeps in Redis. All of them carry the hash tag `{accountId}`, so an
 * account lives on one Redis Cluster slot (scripts may touch several of its keys) and accounts spread.
 */
export interface AccountKeys {
  readonly accountId: string;
  /** What all of them begin with; for scripts that find keys by themselves. */
  readonly root: string;
  /** Prefix handed to BullMQ; its keys get the same hash tag. */
  readonly bullPrefix: string;
  readonly idempotencyPrefix: string;
  /** Stream: one entry for every update that became final. */
  readonly audit: string;
  readonly counts: string;
  /** Zset: lane -> acceptedAt (ms) of its oldest pending update. */
  readonly lanesWaiting: string;
  /** Zset: lane -> when it is to be looked at again (ms, Redis' clock). */
  readonly lanesDue: string;
  /** Zset: lane -> when its wake-up is made again if nothing came of it (ms, Redis' clock). */
  readonly lanesWatched: string;
  /** Zset: lane -> when a failure was last held against it (ms); empty once a write of anybody was taken. */
  readonly failingLanes: string;
  readonly budget: string;
  readonly accountStatus: string;
  readonly sweepLock: string;
  readonly upstreamProbe: string;
  readonly writeProbe: string;
  readonly refreshToken: string;
  /** Zset: bulk update -> when its intake was opened (ms). */
  readonly bulks: string;
  /** Zset: bulk update that is being taken in -> when rows of it last came (ms). */
  readonly bulksIngesting: string;
  /** Zset: committed bulk update with rows that are not final -> since when (ms). */
  readonly bulksActive: string;
  /** String: the process that leads the bulk updates. */
  readonly bulkLeader: string;
  /** Zset: bulk update that is over -> when its caller is to be called back (ms, Redis' clock). */
  readonly callbacksDue: string;
  /** Hash: bulk update -> how often that was tried without success. */
  readonly callbacksTried: string;
  /** Hash: everything counted for /metrics since the account began; see metrics-reader.ts. */
  readonly metrics: string;
  /** Zset: worker process -> its last sign of life (ms, Redis' clock). */
  readonly workers: string;
  /** Pub/sub channel; messages are `<update or bulk update id> <state>`. */
  readonly events: string;
  /**
   * Of a record: the root and the update's id, which says what it is. What is no update's id, but what somebody made up, leads to a
   * key that nobody has.
   */
  update(id: string): string;
  lane(referralId: string): string;
  laneOwner(referralId: string): string;
  laneAttempt(referralId: string): string;
  referralUpdates(referralId: string): string;
  knownState(referralId: string): string;
  idempotency(digest: string): string;
  bulk(id: string): string;
  /** String: one letter per row. */
  bulkRows(id: string): string;
  bulkIdempotency(digest: string): string;
  /** String: the last flush of one process' meters that was counted. */
  metricsFlush(token: string): string;
  /** Sets: referral ids by digest of an external id. */
  readonly externalIdPrefix: string;
  /** What the last complete reading of the list left, sealed. */
  readonly surveyKnowledge: string;
  /** How far the reading of the list under way came, sealed. */
  readonly surveyCheckpoint: string;
  /** Which reading of the list a bulk update relies on. */
  surveyOf(bulkUpdateId: string): string;
}

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** GUIDs are the same in either case: both spellings of a referral's id are one lane. */
export function laneName(referralId: string): string {
  return GUID.test(referralId) ? referralId.toLowerCase() : referralId;
}

/** What ids of updates begin with, and no other key's name does. */
const UPDATE_ID = "upd_";
const ACCOUNT_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Throws a TypeError for an account id that could break out of its hash tag. */
export function accountKeys(accountId: string): AccountKeys {
  if (!ACCOUNT_ID.test(accountId)) {
    throw new TypeError("accountId must be 1 to 64 letters, digits, '-' or '_'");
  }
  const root = `patchlane:{${accountId}}:`;
  const idempotencyPrefix = `${root}idempotency:`;
  return {
    accountId,
    root,
    bullPrefix: `${root}bull`,
    idempotencyPrefix,
    audit: `${root}audit`,
    counts: `${root}counts`,
    lanesWaiting: `${root}lanes-waiting`,
    lanesDue: `${root}lanes-due`,
    lanesWatched: `${root}lanes-watched`,
    failingLanes: `${root}failing-lanes`,
    budget: `${root}budget`,
    accountStatus: `${root}status`,
    refreshToken: `${root}refresh-token`,
    writeProbe: `${root}write-probe`,
    upstreamProbe: `${root}upstream-probe`,
    sweepLock: `${root}sweep-lock`,
    bulks: `${root}bulks`,
    bulksIngesting: `${root}bulks-ingesting`,
    bulksActive: `${root}bulks-active`,
    bulkLeader: `${root}bulk-leader`,
    callbacksDue: `${root}callbacks-due`,
    callbacksTried: `${root}callbacks-tried`,
    metrics: `${root}metrics`,
    workers: `${root}workers`,
    events: `${root}events`,
    update: (id) => (id.startsWith(UPDATE_ID) ? root + id : `${root}no-update:${id}`),
    lane: (referralId) => `${root}lane:${laneName(referralId)}`,
    laneOwner: (referralId) => `${root}lane-owner:${laneName(referralId)}`,
    laneAttempt: (referralId) => `${root}lane-attempt:${laneName(referralId)}`,
    referralUpdates: (referralId) => `${root}referral-updates:${laneName(referralId)}`,
    knownState: (referralId) => `${root}known:${laneName(referralId)}`,
    idempotency: (digest) => idempotencyPrefix + digest,
    bulk: (id) => `${root}bulk:${id}`,
    bulkRows: (id) => `${root}bulk:${id}:rows`,
    metricsFlush: (token) => `${root}metrics-flush:${token}`,
    bulkIdempotency: (digest) => `${root}bulk-idempotency:${digest}`,
    externalIdPrefix: `${root}external-id:`,
    surveyKnowledge: `${root}survey:knowledge`,
    surveyCheckpoint: `${root}survey:checkpoint`,
    surveyOf: (bulkUpdateId) => `${root}survey-of:${bulkUpdateId}`,
  };
}
