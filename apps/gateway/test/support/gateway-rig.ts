import { type LocalRedis, startLocalRedis } from "@patchlane/local-redis";
import { type Simulator, startSimulator } from "@patchlane/simulator";
import { afterAll, beforeAll } from "vitest";
import { listen } from "./listening.ts";

/** A Redis and an upstream for the tests of a file, and gateways on ports of their own in front of them. */
export function gatewayRig() {
  let redis: LocalRedis;
  let simulator: Simulator;
  beforeAll(async () => {
    [redis, simulator] = await Promise.all([
      startLocalRedis({ durable: false }),
      startSimulator({ limiter: "none", referrals: 1 }),
    ]);
  });
  afterAll(() => Promise.all([redis.stop(), simulator.close()]));
  return {
    /** Starts a gateway; answers its origin. */
    start: (settings: Readonly<Record<string, string>> = {}) =>
      listen({ redisUrl: redis.url, upstreamUrl: simulator.url, settings }),
    /** Requests the upstream got so far. */
    upstreamRequests: () => simulator.control.requests().length,
  };
}

/** What the endpoint answered, whatever it was. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: {
    readonly data?: unknown;
    readonly errors?: readonly {
      readonly message: string;
      readonly extensions?: Readonly<Record<string, unknown>>;
    }[];
  };
  /** Of the first error. */
  readonly code: unknown;
}

/** Sends a body as it is to the GraphQL endpoint. */
export async function send(
  origin: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answered> {
  return answered(
    await fetch(`${origin}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    }),
  );
}

/** Asks by GET, everything in the URL. */
export async function sendGet(
  origin: string,
  params: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answered> {
  return answered(await fetch(`${origin}/graphql?${new URLSearchParams(params)}`, { headers }));
}

async function answered(response: Response): Promise<Answered> {
  const { status, headers } = response;
  const text = await response.text();
  const body = (
    headers.get("content-type")?.includes("json") ? JSON.parse(text) : {}
  ) as Answered["body"];
  return { status, headers, text, body, code: body.errors?.[0]?.extensions?.code };
}
