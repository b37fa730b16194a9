import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { Answer } from "./answer.ts";
import type { Exchange } from "./exchange.ts";
import type { Fault } from "./fault-rules.ts";
import { retryAfterMsOf } from "./limits.ts";

/** Pieces a trickling body is cut into. */
const SLOW_PIECES = 10;
const GARBAGE = "<html><body>upstream connect error or disconnect/reset before headers</body>";

/** Sends an answer, spoilt by a body fault if there is one, and ends the exchange. */
export async function deliver(exchange: Exchange, answer: Answer, fault?: Fault): Promise<void> {
  const { response } = exchange;
  if (response.destroyed) return;
  const body = fault?.kind === "garbageBody" && answer.body !== undefined ? GARBAGE : answer.body;
  exchange.entry.retryAfterMs = retryAfterMsOf(answer);
  const length = body === undefined ? undefined : Buffer.byteLength(body);
  response.writeHead(answer.status, headersOf(exchange, answer, length));
  if (body !== undefined && fault?.kind === "truncatedBody") {
    const half = Buffer.from(body).subarray(0, Math.floor(Buffer.byteLength(body) / 2));
    response.write(half, () => {
      exchange.end("cut", answer.status);
      cut(response);
    });
    return;
  }
  if (body !== undefined && fault?.kind === "slowBody") {
    const bytes = Buffer.from(body);
    const size = Math.max(1, Math.ceil(bytes.length / SLOW_PIECES));
    for (let at = 0; at < bytes.length && !response.destroyed; at += size) {
      response.write(bytes.subarray(at, at + size));
      await delay(fault.ms / SLOW_PIECES, undefined, { ref: false });
    }
    exchange.end("answered", answer.status);
    response.end();
    return;
  }
  exchange.end("answered", answer.status);
  // Text rather than bytes: the server then sends head and body in one write.
  response.end(body);
}

/** Cuts the connection under a response. */
export function cut(response: ServerResponse): void {
  response.socket?.destroy();
}

function headersOf(
  exchange: Exchange,
  answer: Answer,
  length: number | undefined,
): Record<string, string | number> {
  const headers: Record<string, string | number> = {
    "request-id": exchange.requestId,
    timestamp: new Date().toISOString(),
    "x-ms-ags-diagnostic": '{"ServerInfo":{"DataCenter":"Local","Slice":"SliceA","Ring":"1"}}',
  };
  if (exchange.entry.clientRequestId !== null) {
    headers["client-request-id"] = exchange.entry.clientRequestId;
  }
  if (length !== undefined) {
    headers["content-type"] = "application/json; charset=utf-8";
    headers["content-length"] = length;
  }
  if (answer.etag !== undefined) headers.etag = answer.etag;
  return Object.assign(headers, answer.headers);
}
