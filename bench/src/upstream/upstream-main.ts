import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type LimitOptions, limiterOf } from "./limiter.ts";
import { etagText, referralText } from "./referral.ts";

/**
 * `upstream-main <limit as JSON>`: an upstream that costs next to nothing, so that what calls it is measured. It answers any GET and
 * PATCH of one referral with a whole referral and a new ETag, without checking anything, and notes when each call came.
 * For rules, faults and lists there is the simulator.
 *
 * `/log` answers the calls since the last `DELETE /log`: `[method, last part of the path, ms on the machine's monotonic clock, status]`.
 */
const limit = JSON.parse(process.argv[2] ?? "{}") as LimitOptions;
let refusal = limiterOf(limit);
let calls: [string, string, number, number][] = [];
let version = 1;

const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;

function answer(request: IncomingMessage, response: ServerResponse): void {
  const arrivedAt = nowMs();
  const { method = "", url = "" } = request;
  if (url === "/log") {
    response.end(JSON.stringify(calls));
    if (method === "DELETE") {
      calls = [];
      refusal = limiterOf(limit);
    }
    return;
  }
  const id = url.slice(url.lastIndexOf("/") + 1);
  const refusedForMs = refusal(arrivedAt);
  calls.push([method, id, arrivedAt, refusedForMs === undefined ? 200 : 429]);
  // Read to its end, so that the socket can be used again; the answer need not wait for it.
  request.resume();
  if (refusedForMs !== undefined) {
    response.writeHead(429, { "retry-after": String(Math.ceil(refusedForMs / 1_000)) });
    response.end(JSON.stringify({ error: { code: "tooManyRequests", message: "slow down" } }));
    return;
  }
  version += method === "PATCH" ? 1 : 0;
  const body = Buffer.from(referralText(id, version));
  response.writeHead(200, {
    "content-type": "application/json",
    "content-length": body.length,
    etag: etagText(version),
  });
  response.end(body);
}

const server = createServer({ keepAliveTimeout: 60_000 }, answer);
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  console.log(JSON.stringify({ ready: true, url: `http://127.0.0.1:${port}/v1.0` }));
});
