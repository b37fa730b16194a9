import { fixedToken } from "@patchlane/partner-center";
import { openUpdateQueue } from "@patchlane/update-queue";
import { pino } from "pino";
import { onTestFinished } from "vitest";
import { gatewaySettings } from "../../src/env.ts";
import { startGateway } from "../../src/start-gateway.ts";

/** A gateway on a port of its own, stopped after the test; answers its origin. */
export async function listen(options: {
  redisUrl: string;
  upstreamUrl: string;
  /** Default 16 MiB and 100,000 rows. */
  bulk?: { maxBytes?: number; maxRows?: number };
  /** More of the environment. */
  settings?: Readonly<Record<string, string>>;
}): Promise<string> {
  const settings = gatewaySettings({
    REDIS_URL: options.redisUrl,
    PARTNER_CENTER_URL: options.upstreamUrl,
    PARTNER_CENTER_ACCESS_TOKEN: "simulator-token",
    PARTNER_CENTER_RATE: "1000",
    PORT: "0",
    GATEWAY_AUTH: "dev",
    SHUTDOWN_LINGER_MS: "0",
    BULK_MAX_BYTES: String(options.bulk?.maxBytes ?? 16_777_216),
    BULK_MAX_ROWS: String(options.bulk?.maxRows ?? 100_000),
    ...options.settings,
  });
  const logged: { url?: string }[] = [];
  const log = pino({}, { write: (line: string) => void logged.push(JSON.parse(line)) });
  const queue = openUpdateQueue({
    redisUrl: settings.REDIS_URL,
    rate: { ratePerSecond: settings.PARTNER_CENTER_RATE, burst: 10 },
    onError: () => {},
  });
  const gateway = await startGateway(settings, queue, fixedToken("simulator-token"), log);
  onTestFinished(() => gateway.stop());
  return new URL(logged.find(({ url }) => url !== undefined)?.url ?? "").origin;
}

/** Sends a GraphQL request over HTTP; answers the parsed body. */
export async function post(
  origin: string,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<{ data?: unknown; errors?: unknown }> {
  const response = await fetch(`${origin}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as { data?: unknown; errors?: unknown };
}
