import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type AccessTokenProvider, createPartnerCenterClient } from "@patchlane/partner-center";
import type { Service } from "@patchlane/service-kit";
import type { UpdateQueue } from "@patchlane/update-queue";
import type { Logger } from "pino";
import type { GatewaySettings } from "./env.ts";
import { createGraphqlServer } from "./graphql-server.ts";
import { createGatewayServer } from "./http-server.ts";
import { readinessOf } from "./readiness.ts";
import type { Services } from "./services.ts";

/** ms requests under way get to end when the gateway stops; longer than the longest `waitMs`. */
const DRAIN_MS = 32_000;

/** Wires queue, client and GraphQL together and listens. Starts without Redis, and says so when asked. */
export async function startGateway(
  settings: GatewaySettings,
  queue: UpdateQueue,
  tokens: AccessTokenProvider,
  log: Logger,
): Promise<Service> {
  const client = createPartnerCenterClient({
    baseUrl: settings.PARTNER_CENTER_URL,
    timeoutMs: settings.PARTNER_CENTER_TIMEOUT_MS,
    budget: queue.budget,
    tokens,
  });
  const services: Services = { queue, client, log, now: Date.now };
  const graphql = createGraphqlServer({
    services,
    authenticate: () => ({ subject: "dev" }),
    hasGraphiql: settings.NODE_ENV !== "production",
  });
  const server = createGatewayServer({
    graphql,
    readiness: readinessOf(services, settings.PARTNER_CENTER_URL),
  });
  server.listen(settings.PORT, settings.HOST);
  await once(server, "listening");
  const { address, port, family } = server.address() as AddressInfo;
  const host = family === "IPv6" ? `[${address}]` : address;
  log.info({ url: `http://${host}:${port}/graphql` }, "gateway ready");
  return {
    stop: async () => {
      const closed = once(server, "close");
      server.keepAliveTimeout = 1; // a connection ends with the answer it waits for
      server.close();
      server.closeIdleConnections();
      const force = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
      await closed;
      clearTimeout(force);
      await client.close();
      await queue.close();
    },
  };
}
