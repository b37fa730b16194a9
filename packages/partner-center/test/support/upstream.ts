import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { afterEach } from "vitest";
import {
  createPartnerCenterClient,
  fixedToken,
  type PartnerCenterClient,
  type PartnerCenterClientOptions,
  unlimitedBudget,
} from "../../src/index.ts";

/** A request as it arrived. */
export interface Seen {
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  rawHeaders: string[];
  body: string;
}

export const REFERRAL_ID = "61c65491-2f2c-461a-84b4-3654499bc1d9";
export const ETAG = '"2500ec5a-0000-0000-0000-5bf4967d0000"';
export const TOKEN = "secret-bearer-token";

/** The vendor's example resource, cut to what tests look at. */
export const referralDocument = {
  id: REFERRAL_ID,
  status: "New",
  substatus: "Pending",
  name: "Contoso opportunity",
  eTag: ETAG,
  details: { dealValue: 50000, currency: "USD" },
  addedByTheVendorLater: { kept: true },
};

const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export function cleanUpAfterTest(cleanup: () => Promise<void>): void {
  cleanups.push(cleanup);
}

/** An HTTP server that keeps what it was sent and answers as told; closed after the test. */
export async function startUpstream(
  answer: (request: Seen, response: ServerResponse, raw: IncomingMessage) => void,
): Promise<{ origin: string; requests: Seen[] }> {
  const requests: Seen[] = [];
  const listener: RequestListener = async (raw, response) => {
    let body = "";
    for await (const chunk of raw.setEncoding("utf8")) body += chunk;
    const { method = "", url = "", headers, rawHeaders } = raw;
    const seen = { method, url, headers, rawHeaders, body };
    requests.push(seen);
    answer(seen, response, raw);
  };
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanUpAfterTest(async () => {
    server.closeAllConnections();
    server.close();
  });
  return { origin: originOf(server.address()), requests };
}

/** A TCP server for what no HTTP server would do; closed after the test. */
export async function startTcp(onSocket: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    onSocket(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanUpAfterTest(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return originOf(server.address());
}

/** A port of this machine on which nobody listens. */
export async function refusedOrigin(): Promise<string> {
  const server = createTcpServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = originOf(server.address());
  server.close();
  await once(server, "close");
  return origin;
}

/** A client of that origin; closed after the test. */
export function clientOf(
  origin: string,
  options: Partial<PartnerCenterClientOptions> = {},
): PartnerCenterClient {
  const client = createPartnerCenterClient({
    baseUrl: `${origin}/v1.0`,
    tokens: fixedToken(TOKEN),
    budget: unlimitedBudget,
    timeoutMs: 30_000,
    ...options,
  });
  cleanUpAfterTest(() => client.close());
  return client;
}

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

/** What a promise rejected with; fails the test when it did not. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  const outcome = await promise.then(
    () => ({ isRejected: false, reason: undefined as unknown }),
    (reason: unknown) => ({ isRejected: true, reason }),
  );
  if (!outcome.isRejected) throw new Error("expected a rejection");
  return outcome.reason;
}

function originOf(address: AddressInfo | string | null): string {
  if (typeof address !== "object" || address === null) throw new Error("not listening");
  return `http://127.0.0.1:${address.port}`;
}
