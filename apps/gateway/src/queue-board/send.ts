import type { IncomingMessage, ServerResponse } from "node:http";
import { refuse } from "../refuse-body.ts";

/** Where the board is. */
export const BOARD_PATH = "/queues/";

/** The keys of {@link sendFailure} the board's page has words for. */
const KEYS: Readonly<Record<number, string>> = {
  403: "ERRORS.FORBIDDEN",
  405: "ERRORS.QUEUE_READ_ONLY",
};

/** Answers a failure as the gateway does everywhere, readable for the board's page as well. */
export function sendFailure(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
): void {
  const key = KEYS[status] ?? "ERRORS.INTERNAL_SERVER_ERROR";
  refuse(request, response, status, { error: { code, message, key }, message });
}
