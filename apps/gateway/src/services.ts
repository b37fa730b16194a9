import type { PartnerCenterClient } from "@patchlane/partner-center";
import { type Log, withFields } from "@patchlane/service-kit";
import type { UpdateQueue } from "@patchlane/update-queue";
import type { RequestContext } from "./http/route.ts";
import type { Loads } from "./loads.ts";

/** What resolvers work with. */
export interface Services {
  readonly queue: UpdateQueue;
  readonly client: PartnerCenterClient;
  readonly log: Log;
  /** Unix ms. */
  readonly now: () => number;
  /** Why a bulk update may not be called back at a URL, for the caller; undefined when it may. Absent = callbacks are off. */
  readonly checkCallbackUrl?: (url: string) => string | undefined;
  /** Aborted when the gateway stops: nobody is kept waiting any longer. */
  readonly stopping?: AbortSignal;
}

/** What every resolver gets. */
export interface GatewayContext extends RequestContext {
  readonly services: Services;
  readonly loads: Loads;
}

/** The same for one request: what is logged names it. */
export function servicesOf(services: Services, { requestId }: { requestId: string }): Services {
  return { ...services, log: withFields(services.log, { requestId }) };
}
