import type { ServerResponse } from "node:http";
import { JSON_HEADERS } from "../refuse-body.ts";

/** Answers with a JSON body, kept by nobody. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, JSON_HEADERS);
  response.end(JSON.stringify(body));
}
