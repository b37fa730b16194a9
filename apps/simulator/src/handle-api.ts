import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { type Answer, refuse } from "./answer.ts";
import { patchFreely } from "./apply-patch.ts";
import { createReferral } from "./create-referral.ts";
import { parseJsonKeepingDecimals, stringifyReferral } from "./decimal.ts";
import { cut, deliver } from "./deliver.ts";
import { type Exchange, isGuid, openExchange } from "./exchange.ts";
import {
  faultAnswer,
  isAccompanying,
  preventsTheWrite,
  WWW_AUTHENTICATE,
  withoutRepresentation,
} from "./fault-answer.ts";
import type { StruckFault } from "./faults.ts";
import type { Json, JsonObject } from "./json.ts";
import { patchReferral } from "./patch-referral.ts";
import { readBody } from "./read-body.ts";
import type { StoredReferral } from "./referral-store.ts";
import { type Route, readRoute } from "./route.ts";
import type { World } from "./world.ts";

const WRITES: ReadonlySet<string> = new Set(["PATCH", "POST", "PUT", "DELETE"]);
const JSON_TYPE = /^application\/(json|json-patch\+json)\s*(;|$)/i;
const BEARER = /^Bearer +(\S+)$/i;

/**
 * Answers one request to the referrals API. In this order: token, limit, headers, faults, the
 * request itself. A request the limiter refuses meets no fault.
 */
export async function handleApi(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const route = readRoute(request.url ?? "", world.options.basePath);
  const method = request.method ?? "";
  const isReferralWrite = route.kind === "referral" && (method === "PATCH" || method === "PUT");
  const exchange = openExchange(world, request, response, route.referralId, isReferralWrite);
  try {
    const refusal = admit(world, exchange, WRITES.has(method));
    if (refusal !== undefined) return await deliver(exchange, refusal);
    const body = WRITES.has(method) ? await readBody(request, world.options.maxBodyBytes) : "";
    if (body === undefined) {
      const headers = { connection: "close" };
      return await deliver(exchange, refuse(413, "The body is too large.", { headers }));
    }
    if (world.options.logBodies && body !== "") exchange.entry.bodyText = body;
    await withFaults(world, exchange, route, body);
  } catch (error) {
    // The client went away, or this is a bug: then the caller must not be left hanging.
    if (response.headersSent || response.destroyed) cut(response);
    else await deliver(exchange, refuse(500, `The simulator failed: ${String(error)}`));
  }
}

/** The answer that keeps a request out, if any. */
function admit(world: World, exchange: Exchange, isWrite: boolean): Answer | undefined {
  const token = BEARER.exec(exchange.request.headers.authorization ?? "")?.[1];
  const account = token === undefined ? undefined : world.tokens.accountOf(token);
  if (account === undefined) return unauthenticated();
  const throttled = world.limits.check(account, isWrite);
  if (throttled !== undefined) return throttled;
  if (!isGuid(exchange.entry.clientRequestId)) {
    return refuse(400, "The header client-request-id must be a GUID.", {
      target: "client-request-id",
    });
  }
  return undefined;
}

/** Lets the faults that strike shape when the request is answered and what becomes of the answer. */
async function withFaults(
  world: World,
  exchange: Exchange,
  route: Route,
  body: string,
): Promise<void> {
  const answerIt = (): Answer => answerRoute(world, exchange, route, body);
  const struck = world.faults.strike({
    endpoint: "api",
    method: exchange.entry.method,
    path: route.path,
    referralId: route.referralId,
    body,
  });
  if (struck.length === 0) return deliver(exchange, answerIt());

  exchange.entry.faultIds = struck.map(({ ruleId }) => ruleId);
  await waitFor(struck, "before");
  for (const { fault } of struck) {
    if (fault.kind === "intruder") intrude(world, route, fault.patch as JsonObject[] | undefined);
  }
  const decisive = struck.find(({ fault }) => !isAccompanying(fault))?.fault;
  let answer: Answer | undefined;
  if (!preventsTheWrite(decisive)) answer = answerIt();
  await waitFor(struck, "after");

  switch (decisive?.kind) {
    case "cutBeforeWrite":
    case "cutAfterWrite":
      exchange.end("cut", null);
      return cut(exchange.response);
    case "hang":
      return;
    case "status":
      return deliver(exchange, faultAnswer(decisive));
    case "noRepresentation":
      if (exchange.entry.method === "PATCH") answer = withoutRepresentation(answer);
      break;
  }
  return deliver(exchange, answer ?? answerIt(), decisive);
}

/** Answers a request whose faults, if any, let it through. */
function answerRoute(world: World, exchange: Exchange, route: Route, body: string): Answer {
  const { entry, request } = exchange;
  const { method } = entry;
  if (route.kind === "unknown") return refuse(404, "There is no such resource.");
  if (route.kind === "collection") {
    if (method === "GET") return world.list(route.query, collectionUrl(world, request));
    if (method !== "POST") return notAllowed("GET, POST");
  } else if (method !== "GET" && method !== "PATCH") {
    return notAllowed("GET, PATCH");
  }

  const referral = world.store.get(route.referralId ?? "");
  if (method === "GET") {
    if (referral === undefined) return noReferral();
    return { status: 200, body: stringifyReferral(referral.document), etag: referral.etag };
  }
  const replayKey =
    world.options.honourRequestId && isGuid(entry.requestId)
      ? `${method} ${route.path} ${entry.requestId}`
      : undefined;
  const replayed = replayKey === undefined ? undefined : world.replays.get(replayKey);
  if (replayed !== undefined) {
    entry.replayed = true;
    return replayed;
  }
  const answer = write(world, exchange, referral, body);
  if (replayKey !== undefined) world.replays.keep(replayKey, answer);
  return answer;
}

function write(
  world: World,
  { entry, request }: Exchange,
  referral: StoredReferral | undefined,
  text: string,
): Answer {
  if (entry.method === "PATCH" && referral === undefined) return noReferral();
  if (!JSON_TYPE.test(request.headers["content-type"] ?? "")) {
    return refuse(415, "The content type must be application/json.");
  }
  let body: Json;
  try {
    body = parseJsonKeepingDecimals(text);
  } catch {
    return refuse(400, "The body is not valid JSON.");
  }
  if (referral === undefined) {
    const collectionPath = `${world.options.basePath}/engagements/referrals`;
    const answer = createReferral(world.store, body, { newId: randomUUID, collectionPath });
    if (answer.status === 201) markApplied(world, entry, null, answer.etag ?? null);
    return answer;
  }
  const before = referral.etag;
  const { answer, isApplied } = patchReferral(world.store, referral, body, entry);
  if (isApplied) markApplied(world, entry, before, referral.etag);
  else entry.etagBefore = entry.etagAfter = before;
  return answer;
}

function markApplied(
  world: World,
  entry: Exchange["entry"],
  before: string | null,
  after: string | null,
): void {
  entry.applied = true;
  entry.etagBefore = before;
  entry.etagAfter = after;
  world.counters.appliedOne();
}

/** Somebody else's write: by default a changed note. */
function intrude(world: World, route: Route, patch: readonly JsonObject[] | undefined): void {
  const referral = world.store.get(route.referralId ?? "");
  if (referral === undefined) return;
  const note = `Changed by somebody else after ${referral.etag}`;
  const result = patchFreely(
    referral.document,
    patch ?? [{ op: "add", path: "/details/notes", value: note }],
  );
  if (result.ok) world.store.write(referral, result.document);
}

async function waitFor(struck: readonly StruckFault[], when: "before" | "after"): Promise<void> {
  for (const { fault, random } of struck) {
    if (fault.kind !== "latency" || fault.when !== when) continue;
    await delay(fault.ms + random() * fault.jitterMs, undefined, { ref: false });
  }
}

function unauthenticated(): Answer {
  return refuse(401, "The access token is missing, expired or not valid.", {
    headers: { "www-authenticate": WWW_AUTHENTICATE },
  });
}

function noReferral(): Answer {
  return refuse(404, "There is no such referral.", { target: "id" });
}

function notAllowed(allow: string): Answer {
  return refuse(405, "This method is not supported here.", { headers: { allow } });
}

function collectionUrl(world: World, request: IncomingMessage): string {
  return `http://${request.headers.host}${world.options.basePath}/engagements/referrals`;
}
