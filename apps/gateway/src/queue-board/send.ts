import type { ServerResponse } from "node:http";
import { JSON_HEADERS } from "../refuse-body.ts";

/** Where the board is. */
export const BOARD_PATH = "/queues/";

/** The keys of {@link sendJson} the board's page has words for. */
const KEYS: Readonly<Record<number, string>> = {
  403: "ERRORS.FORBIDDEN",
  405: "ERRORS.QUEUE_READ_ONLY",
};

/** Answers a failure as the gateway does everywhere, readable for the board's page as well. */
export function sendJson(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
): void {
  const key = KEYS[status] ?? "ERRORS.INTERNAL_SERVER_ERROR";
  response.writeHead(status, JSON_HEADERS);
  response.end(JSON.stringify({ error: { code, message, key }, message }));
}
