import type { IncomingMessage, ServerResponse } from "node:http";

export const JSON_HEADERS = {
  "content-type": "application/json; charset=utf-8",
  "cache-control": "no-store",
};

/** Bytes of a refused body still taken from the socket, so that the sender gets to read the answer. */
const MOST_DRAINED_BYTES = 16 * 1_048_576;
/** ms without a byte after which a refused sender is cut off. */
const LONGEST_SILENCE_MS = 10_000;

/** Requests whose sender waits for a `100 Continue` before it sends the body. */
const heldBack = new WeakSet<IncomingMessage>();

/** Notes that the sender waits for leave to send the body (`Expect: 100-continue`). */
export function holdBack(request: IncomingMessage): void {
  heldBack.add(request);
}

/** Gives leave to send the body, where that was asked for. */
export function letSend(request: IncomingMessage, response: ServerResponse): void {
  if (heldBack.delete(request)) {
    response.writeContinue();
  }
}

/**
 * Cuts the sender off `restMs` after the answer when its body is not there by then: a byte now and then would hold the
 * connection for ever.
 */
export function limitRest(
  request: IncomingMessage & Limited,
  response: ServerResponse,
  restMs: number,
): void {
  request[REST_MS] = restMs;
  response.once("finish", () => cutRest(request));
}

// On the request itself: a weak map of every request costs the garbage collector a tenth of what a request takes.
const REST_MS = Symbol("ms the rest of it may take");
interface Limited {
  [REST_MS]?: number | undefined;
}

/** From now on the rest of a body has so much time. */
function cutRest(request: IncomingMessage & Limited): void {
  const restMs = request[REST_MS];
  if (restMs !== undefined && !request.complete) {
    request[REST_MS] = undefined; // once
    const timer = setTimeout(() => request.destroy(), restMs).unref();
    request.once("close", () => clearTimeout(timer));
  }
}

/** Answers a request whose body was not read, or not to its end, and closes the connection when the sender is through. */
export function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  body: unknown,
): void {
  const answer = JSON.stringify(body);
  response.setHeader("connection", "close");
  response.writeHead(status, { ...JSON_HEADERS, "content-length": Buffer.byteLength(answer) });
  if (request.complete || heldBack.delete(request)) {
    response.end(answer);
    return;
  }
  response.write(answer);
  cutRest(request);
  // Ended only when the sender is through: ending closes the connection, and who still sends loses the answer.
  request.once("end", () => response.end());
  request.setTimeout(LONGEST_SILENCE_MS, () => request.destroy());
  let drained = 0;
  request.on("data", (chunk: Buffer) => {
    drained += chunk.length;
    if (drained > MOST_DRAINED_BYTES) {
      request.destroy();
    }
  });
}
