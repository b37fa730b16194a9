import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export type Answer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** A server that answers its requests one after the other as told, the last way from then on. Answers where it listens. */
export async function fakeGateway(...answers: readonly Answer[]): Promise<string> {
  let count = 0;
  const server = createServer((request, response) => {
    const answer = answers[Math.min(count, answers.length - 1)];
    count += 1;
    void answer?.(request, response);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return (request, response) => {
    request.resume();
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(body));
  };
}

/** An event stream that says these things and then ends as told: completed, closed politely, or cut. */
export function events(data: readonly unknown[], end: "complete" | "close" | "cut"): Answer {
  return (request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(":\n\n");
    for (const value of data) {
      response.write(`event: next\ndata: ${JSON.stringify({ data: value })}\n\n`);
    }
    if (end === "complete") {
      response.write("event: complete\ndata:\n\n");
    }
    if (end === "cut") {
      // Only once everything has left: a cut at once would take it along.
      setImmediate(() => response.socket?.end(() => response.socket?.destroy()));
    } else {
      response.end();
    }
  };
}

/** A port of this machine where nothing listens. */
export async function deadPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
