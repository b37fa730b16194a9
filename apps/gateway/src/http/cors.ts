import type { IncomingMessage, ServerResponse } from "node:http";

/** Seconds a browser may remember what it was allowed. */
const REMEMBER_S = "600";

/** Lets scripts of an origin that was let in read the answer. Cookies are never part of it. */
export function letRead(
  { headers: { origin } }: IncomingMessage,
  response: ServerResponse,
  letIn: readonly string[],
): void {
  if (letIn.length === 0) {
    return;
  }
  response.setHeader("vary", "origin");
  if (origin !== undefined && letIn.includes(origin)) {
    response.setHeader("access-control-allow-origin", origin);
    response.setHeader("access-control-expose-headers", "x-request-id, retry-after, location");
    response.setHeader("cross-origin-resource-policy", "cross-origin");
  }
}

/** Answers a browser that asks beforehand what it may send; false when the request is something else. */
export function answerPreflight(
  { method, headers }: IncomingMessage,
  response: ServerResponse,
  letIn: readonly string[],
): boolean {
  const { origin } = headers;
  const isPreflight =
    method === "OPTIONS" && headers["access-control-request-method"] !== undefined;
  if (!isPreflight || origin === undefined || !letIn.includes(origin)) {
    return false;
  }
  response.writeHead(204, {
    "access-control-allow-methods": "GET, POST",
    "access-control-allow-headers": "authorization, content-type, accept, traceparent",
    "access-control-max-age": REMEMBER_S,
  });
  response.end();
  return true;
}
