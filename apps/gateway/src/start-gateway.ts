import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type AccessTokenProvider, createPartnerCenterClient } from "@patchlane/partner-center";
import {
  callSpans,
  isLoopback,
  meterCalls,
  type Service,
  SettingsError,
  tracedBudget,
  tracedClient,
  warnOfLossyRedis,
} from "@patchlane/service-kit";
import type { UpdateQueue } from "@patchlane/update-queue";
import type { Logger } from "pino";
import { checkCallbackUrl } from "./bulk/callback-url.ts";
import { createCallerRate, usualCallerRate } from "./caller-rate.ts";
import { closeGently } from "./close-gently.ts";
import type { GatewaySettings } from "./env.ts";
import { gatewayRoutes } from "./gateway-routes.ts";
import { readTrustedDocuments } from "./graphql/trusted-documents.ts";
import { createGraphqlServer } from "./graphql-server.ts";
import { at } from "./http/route.ts";
import { createGatewayServer } from "./http-server.ts";
import { createProcessMetrics } from "./metrics/process-metrics.ts";
import { serveMetrics } from "./metrics/serve-metrics.ts";
import { queueBoardRoutes } from "./queue-board/queue-board.ts";
import { readinessOf } from "./readiness.ts";
import type { Services } from "./services.ts";
import { configuredSignIn } from "./sign-in/configured-sign-in.ts";

/** ms the first connection to Redis is waited for, so that the first request finds it. */
const FIRST_CONNECTION_MS = 1_500;
/** ms requests under way get to end when the gateway stops, the lingering included: some are left to close the rest (run-service.ts). */
const DRAIN_MS = 32_000;

/** Wires queue, client and GraphQL together and listens. Starts without Redis, and says so when asked. */
export async function startGateway(
  settings: GatewaySettings,
  queue: UpdateQueue,
  tokens: AccessTokenProvider,
  log: Logger,
): Promise<Service> {
  const client = tracedClient(
    createPartnerCenterClient({
      baseUrl: settings.PARTNER_CENTER_URL,
      timeoutMs: settings.PARTNER_CENTER_TIMEOUT_MS,
      budget: tracedBudget(queue.budget),
      observers: [callSpans, meterCalls(queue.meters)],
      tokens,
    }),
  );
  const stopping = new AbortController();
  const services: Services = {
    queue,
    client,
    log,
    now: Date.now,
    checkCallbackUrl: (url) => checkCallbackUrl(url, settings),
    stopping: stopping.signal,
  };
  const isProduction = settings.NODE_ENV === "production";
  const hasGraphiql = settings.GRAPHIQL ?? !isProduction;
  const metrics = createProcessMetrics();
  const graphql = createGraphqlServer({
    services,
    hasGraphiql,
    hasIntrospection: settings.INTROSPECTION ?? !isProduction,
    trustedDocuments: readTrustedDocuments(settings.TRUSTED_DOCUMENTS_PATH),
    metrics,
  });
  const { signIn, verify, canCheck } = configuredSignIn(settings);
  const server = createGatewayServer({
    routes: gatewayRoutes({
      services,
      graphql,
      hasGraphiql,
      readiness: readinessOf(services, settings.PARTNER_CENTER_URL, canCheck),
      uploads: { maxBytes: settings.BULK_MAX_BYTES, maxRows: settings.BULK_MAX_ROWS },
      more: [
        {
          name: "metrics",
          matches: at("/metrics"),
          access: settings.METRICS_ACCESS === "open" ? "open" : "reader",
          serve: serveMetrics(services, metrics),
        },
        ...queueBoardRoutes({
          board: queue.board,
          signIn: verify && { verify, isProduction, now: Date.now },
          onError: (error) => log.warn({ error }, "the queues could not be read for their page"),
        }),
      ],
    }),
    onServed: metrics.served,
    stopping: stopping.signal,
    signIn,
    // Without sign-in a foreign page must not get in by a name of its own that points here (DNS rebinding).
    servesHost: (host) => settings.GATEWAY_AUTH !== "dev" || isLoopback(host.replace(/:\d+$/, "")),
    corsOrigins: settings.CORS_ORIGINS,
    isProduction,
    takeTurn: createCallerRate(settings.CALLER_RATE ?? usualCallerRate(settings)),
    onTrouble: (error, requestId) => log.error({ error, requestId }, "tokens cannot be checked"),
    onFailure: (error, requestId) => log.error({ error, requestId }, "internal error"),
  });
  await queue.untilConnected(FIRST_CONNECTION_MS); // without Redis it starts all the same, and says so
  await listen(server, settings);
  void warnOfLossyRedis(queue, log);
  const { address, port, family } = server.address() as AddressInfo;
  const host = family === "IPv6" ? `[${address}]` : address;
  log.info({ url: `http://${host}:${port}/graphql` }, "gateway ready");
  return {
    stop: async () => {
      stopping.abort(); // who waits for an outcome is answered with what is known
      const lingerMs = settings.SHUTDOWN_LINGER_MS;
      await closeGently(server, { lingerMs, drainMs: DRAIN_MS - lingerMs });
      await client.close();
      await queue.close();
    },
  };
}

async function listen(server: Server, { PORT, HOST }: GatewaySettings): Promise<void> {
  server.listen(PORT, HOST);
  try {
    await once(server, "listening");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new SettingsError([`HOST, PORT: cannot listen on ${HOST} port ${PORT} (${code})`]);
  }
}
