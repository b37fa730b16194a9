export type { AccountCounts, ExactCounterName } from "./account-counts.ts";
export { laneName } from "./account-keys.ts";
export type { AuditContent, AuditEntry } from "./audit-entry.ts";
export { isBulkUpdateId, newBulkUpdateId, rowOf, rowUpdateId } from "./bulk-row-id.ts";
export {
  type BeginResult,
  type BulkAction,
  type BulkIntake,
  type BulkPlan,
  type BulkUpdate,
  type BulkUpdateCounts,
  type BulkUpdatePage,
  type BulkUpdateState,
  type BulkUpdates,
  IntakeLostError,
  isBulkOver,
  type NewBulkRow,
  type NewBulkUpdate,
  type RowAddress,
  type RowInput,
  type RowPage,
} from "./bulk-update.ts";
export {
  type ActiveBulkUpdate,
  type BulkPhase,
  type BulkWork,
  LEAD_MS,
  type Resolution,
  type RowVerdict,
} from "./bulk-work.ts";
export { canonicalJson } from "./digest.ts";
export type { Attempt, ClaimResult, LaneLease, Lanes, LaneView } from "./lanes.ts";
export { LaneLostError } from "./lanes.ts";
export { LedgerUnavailableError } from "./ledger-unavailable.ts";
export type { CounterName, HistogramName, Meters } from "./meters.ts";
export type { HistogramSample, Sample } from "./metric-series.ts";
export { type PayloadCodec, payloadCodec, SealedPayloadError } from "./payload-codec.ts";
export {
  BOARD_JOB_STATES,
  type BoardJob,
  type BoardJobState,
  type BoardQueue,
  type QueueBoard,
} from "./queue-board.ts";
export type { QueueStatus } from "./queue-status.ts";
export type { AccountMetrics } from "./read-account-metrics.ts";
export {
  type AccountStatus,
  DOWN_AFTER_FAILURES,
  type Probe,
  RedisAccountStatus,
  type TroubleVerdict,
  type UpstreamTrouble,
} from "./redis-account-status.ts";
export { type AuditPage, type AuditQuery, RedisAuditTrail } from "./redis-audit-trail.ts";
export {
  CALLBACK_LEASE_MS,
  type DueCallback,
  type DueCallbacks,
  LONGEST_CALLBACK_WAIT_MS,
  RedisCallbacks,
} from "./redis-callbacks.ts";
export { isRedisTrouble } from "./redis-connection.ts";
export {
  KNOWN_FOR_MS,
  type KnownState,
  type KnownStates,
  type ListedAs,
  type MarkedState,
  type PassMark,
} from "./redis-known-states.ts";
export type {
  ConsumeOptions,
  LaneConsumer,
  LaneJobEnd,
  ProcessLaneJob,
} from "./redis-lane-consumer.ts";
export { MOST_PENDING_SHOWN } from "./redis-lane-lease.ts";
export { type BudgetStatus, type RateSettings, RedisRateBudget } from "./redis-rate-budget.ts";
export { RedisUpdateEvents } from "./redis-update-events.ts";
export {
  type AcceptResult,
  RedisUpdateLedger,
  type UpdatePage,
} from "./redis-update-ledger.ts";
export type { Announced, WorkerSigns, Workers } from "./redis-workers.ts";
export {
  type FailureCode,
  isFinal,
  type NewReferralUpdate,
  type ReferralUpdate,
  type UpdateFailure,
  type UpdateIntent,
  type UpdatePriority,
  type UpdateState,
} from "./referral-update.ts";
export {
  isVouchedFor,
  type ListKnowledge,
  type PassEvidence,
  type PassProgress,
  type Survey,
} from "./survey.ts";
export { UnknownCursorError } from "./unknown-cursor.ts";
export {
  type LaneQueue,
  openLaneQueue,
  openUpdateQueue,
  type UpdateQueue,
  type UpdateQueueOptions,
} from "./update-queue.ts";
export type { UpdateStep } from "./update-record.ts";
