import type { GatewayContext, Services } from "@patchlane/gateway";
import { loadsOf } from "@patchlane/gateway";
import { createPartnerCenterClient, fixedToken } from "@patchlane/partner-center";
import { createLogger } from "@patchlane/service-kit";
import { openUpdateQueue } from "@patchlane/update-queue";

/** The context of the gateway's resolvers, for a server that is not the gateway. */
export async function rivalContext(redisUrl: string): Promise<() => GatewayContext> {
  const queue = openUpdateQueue({
    redisUrl,
    rate: { ratePerSecond: 20, burst: 1 },
    onError: (error) => {
      throw error;
    },
  });
  await queue.untilConnected(5_000);
  const client = createPartnerCenterClient({
    baseUrl: "http://127.0.0.1:9/v1.0", // never called: nothing measured here reads a referral
    timeoutMs: 1_000,
    budget: queue.budget,
    tokens: fixedToken("none"),
  });
  const services: Services = { queue, client, log: createLogger("rival", "info"), now: Date.now };
  const caller = { subject: "dev", role: "admin" } as const;
  return () => ({ services, caller, requestId: "rival", loads: loadsOf(services) });
}
