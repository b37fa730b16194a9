import type { AccessTokenProvider, PartnerCenterClient } from "@patchlane/partner-center";
import type { BudgetStatus, BulkWork, KnownStates, Survey } from "@patchlane/update-queue";
import type { AccountTrouble, LaneLog } from "../lane-edges.ts";

/** Everything the leader of the bulk updates touches, as parameters. */
export interface BulkEdges {
  readonly work: BulkWork;
  readonly known: KnownStates;
  readonly survey: Survey;
  readonly client: PartnerCenterClient;
  readonly tokens: AccessTokenProvider;
  readonly account: AccountTrouble;
  readonly budget: { status(): Promise<BudgetStatus> };
  readonly log: LaneLog;
  /** Wall clock in Unix ms, only ever written down. */
  readonly now: () => number;
  /** 0 ≤ n < 1, for jitter. */
  readonly random: () => number;
}
