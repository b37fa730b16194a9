import { randomUUID } from "node:crypto";
import { type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { alwaysHeaders } from "./security-headers.ts";

/** What Node's parser gives up on, by the code it says so with. */
const REFUSALS: Readonly<Record<string, readonly [status: number, code: string, message: string]>> =
  {
    HPE_HEADER_OVERFLOW: [
      431,
      "HEADERS_TOO_LARGE",
      "The request's address and headers are too long",
    ],
    ERR_HTTP_REQUEST_TIMEOUT: [408, "REQUEST_TIMEOUT", "The request did not arrive in time"],
  };
const BROKEN = [400, "BAD_REQUEST", "The request is no HTTP"] as const;

/** Whether an answer to an earlier request is under way: a second one would stand in the middle of it. As Node itself tells. */
function isInAnswer(socket: Socket & { readonly _httpMessage?: ServerResponse | null }): boolean {
  return socket._httpMessage?.headersSent ?? false;
}

/** Answers what never became a request the way everything else is answered, and hangs up. */
export function answerBrokenRequests(server: Server, isProduction: boolean): void {
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
    if (!socket.writable || isInAnswer(socket) || error.code === "ECONNRESET") {
      socket.destroy();
      return;
    }
    const [status, code, message] = REFUSALS[error.code ?? ""] ?? BROKEN;
    const body = JSON.stringify({ error: { code, message } });
    const headers = [
      ...alwaysHeaders(isProduction),
      ["x-request-id", randomUUID()],
      ["content-type", "application/json; charset=utf-8"],
      ["content-length", Buffer.byteLength(body)],
      ["connection", "close"],
    ].map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers.join("")}\r\n${body}`);
  });
}
