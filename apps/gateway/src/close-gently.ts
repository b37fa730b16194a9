import { once } from "node:events";
import type { Server } from "node:http";

/** ms between two looks at whether everybody has gone. */
const LOOK_EVERY_MS = 25;

/** How long a closing server waits, in ms. */
export interface ClosingTimes {
  /** For callers with a connection open to send their next request, whose answer asks them to open another one elsewhere. */
  readonly lingerMs: number;
  /** For requests under way to end. */
  readonly drainMs: number;
}

/**
 * Ends a server without cutting anybody off: for a while it goes on serving, so that a caller that is about to send on a
 * connection it kept, and a load balancer that has not heard yet, meet no closed door; then it takes nothing new and lets what
 * is under way end. Answers must say `Connection: close` from the start of it.
 */
export async function closeGently(server: Server, times: ClosingTimes): Promise<void> {
  await untilAbandoned(server, times.lingerMs);
  const closed = once(server, "close");
  server.keepAliveTimeout = 1; // a connection ends with the answer it waits for
  server.close();
  server.closeIdleConnections();
  const force = setTimeout(() => server.closeAllConnections(), times.drainMs);
  await closed;
  clearTimeout(force);
}

/** Resolves when no connection is open, or after some time. */
async function untilAbandoned(server: Server, mostMs: number): Promise<void> {
  const until = performance.now() + mostMs;
  while (performance.now() < until && (await connectionsOf(server)) > 0) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.getConnections((_error, count) => resolve(count ?? 0));
  });
}
