import type { AccountStatus, BulkUpdate, KnownState } from "@patchlane/update-queue";
import type { Pace } from "./bulk/eta.ts";
import { findBulkUpdate } from "./bulk/find-bulk-update.ts";
import { readPace } from "./bulk/read-pace.ts";
import { readReferral } from "./read-referral.ts";
import type { Services } from "./services.ts";
import { sharedLoad } from "./shared-load.ts";
import { MOST_LOOKED_AT_IN_A_REQUEST } from "./visible-updates.ts";

/** What many nodes of one answer need: loaded once for those that ask together, never kept. */
export interface Loads {
  bulkUpdate(id: string): Promise<BulkUpdate | undefined>;
  /** Read upstream. */
  referral(id: string): Promise<KnownState | undefined>;
  account(): Promise<AccountStatus>;
  pace(): Promise<Pace>;
  /** Entries of lists that may still be looked through for this request; see visible-updates.ts. */
  readonly patience: { left: number };
}

/** The loads of one request. */
export function loadsOf(services: Services): Loads {
  const account = sharedLoad(() => services.queue.account.get());
  const pace = sharedLoad(() => readPace(services));
  return {
    bulkUpdate: sharedLoad((id) => findBulkUpdate(services, id)),
    referral: sharedLoad((id) => readReferral(services, id)),
    account: () => account(""),
    pace: () => pace(""),
    patience: { left: MOST_LOOKED_AT_IN_A_REQUEST },
  };
}
