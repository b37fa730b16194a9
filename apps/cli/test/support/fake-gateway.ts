import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

interface Fake {
  readonly url: string;
  /** What it was asked. */
  readonly requests: IncomingMessage[];
}

/** A server that answers everything with this. */
export function fakeGateway(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Fake> {
  return listening(() => ({ status, body, headers }));
}

/** A gateway that takes only one token; tells when another one came, before it says so. */
export function gatewayThatWants(
  authorization: string,
  body: unknown,
  onRefused: () => Promise<void> = async () => {},
): Promise<Fake> {
  return listening(async (request) => {
    if (request.headers.authorization === authorization) {
      return { status: 200, body };
    }
    await onRefused();
    return { status: 401, body: { error: { code: "UNAUTHENTICATED", message: "not this one" } } };
  });
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

async function listening(
  answer: (request: IncomingMessage) => Answer | Promise<Answer>,
): Promise<Fake> {
  const requests: IncomingMessage[] = [];
  const server = createServer(async (request, response) => {
    requests.push(request);
    request.resume();
    const { status, body, headers } = await answer(request);
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

/** What a queue without work answers. */
export const EMPTY_QUEUE = {
  data: {
    queue: {
      waiting: 0,
      active: 0,
      delayed: 0,
      paused: false,
      pausedReason: null,
      ratePerSecond: 5,
      throttledUntil: null,
      oldestWaitingSeconds: 0,
    },
  },
};
