import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** A server that answers everything with this; tells what it was asked. */
export async function fakeGateway(
  status: number,
  body: unknown,
): Promise<{ url: string; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    request.resume();
    response.writeHead(status, { "content-type": "application/json" });
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
