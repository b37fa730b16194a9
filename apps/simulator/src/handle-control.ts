import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import { type Answer, refuse } from "./answer.ts";
import type { SimulatorControl } from "./control.ts";
import { parseJsonKeepingDecimals, stringifyReferral } from "./decimal.ts";
import type { FaultRuleInput } from "./fault-rules.ts";
import { isJsonObject, type Json } from "./json.ts";
import { readBody } from "./read-body.ts";
import type { LogQuery } from "./request-log.ts";
import type { World } from "./world.ts";

/** Where the control endpoints live. */
export const CONTROL_PATH = "/_simulator";

const MAX_BODY_BYTES = 64 * 1024 * 1024;
/** Log lines written at once when streaming. */
const LINES_PER_CHUNK = 1000;

const limitsSchema = z.strictObject({
  limiter: z.enum(["token-bucket", "sliding-window", "none"]).optional(),
  rate: z.number().optional(),
  writeRate: z.number().nullable().optional(),
  burst: z.number().optional(),
  retryAfter: z.enum(["seconds", "date", "absent"]).optional(),
  penaltyMs: z.number().optional(),
});

const tokensSchema = z.strictObject({
  accessTokenSeconds: z.number().positive().optional(),
  rejectRefreshTokens: z.boolean().optional(),
  rejectAccessTokens: z.boolean().optional(),
  rotateRefreshTokens: z.boolean().optional(),
  revokeUsedRefreshTokens: z.boolean().optional(),
  expireAccessTokens: z.boolean().optional(),
  refreshToken: z.string().min(1).optional(),
});

const changesSchema = z.strictObject({
  patch: z.array(z.record(z.string(), z.json())).min(1),
  ids: z.array(z.string()).optional(),
  every: z.int().min(1).optional(),
});

/** Answers one request to `/_simulator/…`: no token, no limit, but only from this machine. */
export async function handleControl(
  world: World,
  control: SimulatorControl,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!isLoopback(request.socket.remoteAddress)) {
    return send(response, refuse(403, "The control side answers this machine only."));
  }
  const url = new URL(request.url ?? "", "http://localhost");
  const [resource = "", id, ...more] = url.pathname.slice(CONTROL_PATH.length + 1).split("/");
  if (more.length > 0) return send(response, refuse(404, "There is no such control resource."));
  try {
    if (request.method === "GET" && resource === "requests" && wantsLines(request, url)) {
      return await sendLines(world, readQuery(url), response);
    }
    const text = (await readBody(request, MAX_BODY_BYTES)) ?? "";
    const body = text === "" ? undefined : parseJsonKeepingDecimals(text);
    send(response, answer(control, `${request.method} ${resource}`, id, url, body));
  } catch (error) {
    if (response.headersSent || response.destroyed) return;
    const message = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    send(response, refuse(400, message));
  }
}

function answer(
  control: SimulatorControl,
  call: string,
  id: string | undefined,
  url: URL,
  body: Json | undefined,
): Answer {
  switch (call) {
    case "GET state":
      return ok(control.state());
    case "GET requests":
      return ok({ requests: control.requests(readQuery(url)) });
    case "DELETE requests":
      control.clearRequests();
      return { status: 204 };
    case "GET referrals": {
      const document = control.referral(id ?? "");
      if (document === undefined) return refuse(404, "There is no such referral.");
      return { status: 200, body: stringifyReferral(document), etag: String(document.eTag) };
    }
    case "PUT referrals":
      if (!id || !isJsonObject(body)) return refuse(400, "Expected a referral.");
      return { status: 200, body: stringifyReferral(control.putReferral(id, body)) };
    case "PATCH referrals":
      if (id) return refuse(400, "Say which referrals in the body.");
      return ok({ changed: control.changeReferrals(changesSchema.parse(body)) });
    case "DELETE referrals":
      return control.deleteReferral(id ?? "") ? { status: 204 } : refuse(404, "No such referral.");
    case "GET faults":
      return ok({ faults: control.state().faults });
    case "POST faults":
      return ok({ ids: control.addFaults(body as unknown as FaultRuleInput[]) }, 201);
    case "DELETE faults":
      return ok({ removed: control.clearFaults(id) });
    case "PUT limits":
      return ok(control.setLimits(limitsSchema.parse(body)));
    case "PUT tokens":
      return ok(control.setTokens(tokensSchema.parse(body)));
    case "POST reset":
      control.reset();
      return { status: 204 };
    default:
      return refuse(404, "There is no such control resource.");
  }
}

function ok(value: unknown, status = 200): Answer {
  return { status, body: JSON.stringify(value) };
}

function readQuery(url: URL): LogQuery {
  const read = (name: string) => {
    const text = url.searchParams.get(name);
    if (text === null) return undefined;
    if (!/^\d+$/.test(text)) throw new RangeError(`${name} must be a whole number`);
    return Number(text);
  };
  const [since, limit] = [read("since"), read("limit")];
  return { ...(since === undefined ? {} : { since }), ...(limit === undefined ? {} : { limit }) };
}

function wantsLines(request: IncomingMessage, url: URL): boolean {
  return (
    url.searchParams.get("format") === "ndjson" ||
    (request.headers.accept ?? "").includes("application/x-ndjson")
  );
}

/** Streams the log, one request a line, as fast as the reader takes it. */
async function sendLines(world: World, query: LogQuery, response: ServerResponse): Promise<void> {
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  let lines: string[] = [];
  const closed = once(response, "close");
  for (const entry of world.log.entries(query)) {
    lines.push(`${JSON.stringify(entry)}\n`);
    if (lines.length < LINES_PER_CHUNK) continue;
    const canGoOn = response.write(lines.join(""));
    lines = [];
    if (!canGoOn) await Promise.race([once(response, "drain"), closed]);
    if (response.destroyed) return;
  }
  response.end(lines.join(""));
}

function send(response: ServerResponse, { status, body, etag, headers }: Answer): void {
  response.writeHead(status, {
    ...(body === undefined ? {} : { "content-type": "application/json; charset=utf-8" }),
    ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }),
    ...(etag === undefined ? {} : { etag }),
    ...headers,
  });
  response.end(body);
}

function isLoopback(address: string | undefined): boolean {
  return address === "::1" || /^(::ffff:)?127\./.test(address ?? "") || address === undefined;
}
