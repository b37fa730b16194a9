import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { type Answer, refuse } from "./answer.ts";
import { cut } from "./deliver.ts";
import { faultAnswer } from "./fault-answer.ts";
import { readBody } from "./read-body.ts";
import { answerOpenIdConfiguration, answerTokenRequest } from "./token-endpoint.ts";
import type { World } from "./world.ts";

const TOKEN_PATH = /^\/([^/]+)\/oauth2\/v2\.0\/token$/;
const CONFIGURATION_PATH = /^\/([^/]+)\/v2\.0\/\.well-known\/openid-configuration$/;
const MAX_BODY_BYTES = 64 * 1024;

/** Whether a path (without query) belongs to the token side. */
export function isTokenPath(path: string): boolean {
  return TOKEN_PATH.test(path) || CONFIGURATION_PATH.test(path);
}

/**
 * Answers one request to the token side. Not rate limited and not in the request log (its body is
 * secret), only counted. Faults with `endpoint: "token"` may delay, cut, hang or answer it.
 */
export async function handleToken(
  world: World,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const body = (await readBody(request, MAX_BODY_BYTES)) ?? "";
    const method = request.method ?? "";
    const struck = world.faults.strike({
      endpoint: "token",
      method,
      path,
      referralId: undefined,
      body: "", // secret: no rule looks into it
    });
    for (const { fault, random } of struck) {
      if (fault.kind !== "latency") continue;
      await delay(fault.ms + random() * fault.jitterMs, undefined, { ref: false });
    }
    for (const { fault } of struck) {
      if (fault.kind === "hang") return;
      if (fault.kind === "status") return send(world, response, faultAnswer(fault));
      if (fault.kind === "cutBeforeWrite" || fault.kind === "cutAfterWrite") return cut(response);
    }
    send(world, response, answer(world, path, request, body));
  } catch {
    cut(response);
  }
}

function answer(world: World, path: string, request: IncomingMessage, body: string): Answer {
  const tenant = TOKEN_PATH.exec(path)?.[1];
  if (tenant !== undefined) {
    if (request.method !== "POST") return refuse(405, "Use POST.", { headers: { allow: "POST" } });
    return answerTokenRequest(tenant, request.headers["content-type"], body, world.tokens);
  }
  const configured = CONFIGURATION_PATH.exec(path)?.[1] ?? "";
  return answerOpenIdConfiguration(configured, `http://${request.headers.host}`);
}

function send(world: World, response: ServerResponse, { status, body, headers }: Answer): void {
  world.counters.tokenAnswered(status);
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(body ?? ""),
    ...headers,
  });
  response.end(body);
}
