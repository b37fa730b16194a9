import type { AccessTokenProvider, PartnerCenterClient } from "@patchlane/partner-center";
import type {
  AccountStatus,
  KnownStates,
  Lanes,
  Meters,
  TroubleVerdict,
  UpstreamTrouble,
} from "@patchlane/update-queue";

/** Everything processing a lane touches, as parameters. */
export interface LaneEdges {
  readonly lanes: Lanes;
  readonly known: KnownStates;
  readonly client: PartnerCenterClient;
  readonly tokens: AccessTokenProvider;
  readonly account: AccountTrouble;
  readonly log: LaneLog;
  readonly meters: Meters;
  /** Counts requests made for rows of these bulk updates; those of writes count by themselves. */
  readonly noteCalls: (bulkUpdateIds: readonly string[], calls: number) => Promise<void>;
  /** ms an update waits after it was accepted for others that may leave with it; 0 = it does not. */
  readonly gatherMs: number;
  /** Wall clock in Unix ms, only ever written down, never compared. */
  readonly now: () => number;
  /** 0 ≤ n < 1, for jitter. */
  readonly random: () => number;
}

/** What all workers of the account tell each other about the upstream. */
export interface AccountTrouble {
  get(): Promise<AccountStatus>;
  /** It answered; default `read`. A write that was taken or refused says more. */
  answered(call?: "read" | "write"): Promise<void>;
  failed(trouble: UpstreamTrouble): Promise<TroubleVerdict>;
  paused(reason: string): Promise<void>;
}

/** One structured line; fields are an allow-list: ids, codes, counts, never content. */
export interface LaneLog {
  info(fields: LaneLogFields, message: string): void;
  warn(fields: LaneLogFields, message: string): void;
}

export interface LaneLogFields {
  readonly referralId?: string;
  readonly updateIds?: readonly string[];
  readonly state?: string;
  readonly code?: string | undefined;
  readonly kind?: string;
  readonly status?: number | undefined;
  readonly requestId?: string;
  readonly clientRequestId?: string | undefined;
  readonly delayMs?: number;
  readonly reason?: string;
}
