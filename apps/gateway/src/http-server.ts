import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { answerBrokenRequests } from "./http/answer-broken-requests.ts";
import { answerPreflight, letRead } from "./http/cors.ts";
import { isFromForeignPage, isNavigation } from "./http/foreign-page.ts";
import type { Route } from "./http/route.ts";
import { setSecurityHeaders } from "./http/security-headers.ts";
import { holdBack, limitRest, refuse } from "./refuse-body.ts";
import { type Caller, hasRole } from "./sign-in/caller.ts";
import type { SignIn } from "./sign-in/sign-in.ts";
import { SignInProblem } from "./sign-in/sign-in-problem.ts";

export interface GatewayServerOptions {
  /** Looked through in order. */
  readonly routes: readonly Route[];
  readonly signIn: SignIn;
  /** Whether to serve a request with this Host header; default all. */
  readonly servesHost?: (host: string) => boolean;
  /** Origins whose pages may send requests and read the answers; default none. */
  readonly corsOrigins?: readonly string[];
  readonly isProduction?: boolean;
  /** Aborted when the server is about to close: from then on callers are asked to open their connections elsewhere. */
  readonly stopping?: AbortSignal;
  /** Counts a request of a caller; answers ms to wait when it was one too many. */
  readonly takeTurn?: (subject: string) => number | undefined;
  /** Told of every request when its answer is over, or its connection. */
  readonly onServed?: (served: Served) => void;
  /** Told what kept a token from being checked, other than the token. */
  readonly onTrouble?: (error: unknown, requestId: string) => void;
  /** Told what a route failed with that it had no answer for. */
  readonly onFailure?: (error: unknown, requestId: string) => void;
  /** Default {@link USUAL_PATIENCE}. */
  readonly patience?: Partial<Patience>;
}

/** How long callers may take, in ms. How long a body that is read may take is for its route to say. */
export interface Patience {
  /** A request's head, from the connection or the request before. */
  readonly headMs: number;
  /** What is left of a body that nobody reads, once it was answered. */
  readonly restMs: number;
  /** Nothing moves on a connection, in no direction, while a request is under way. */
  readonly stillMs: number;
}

/**
 * As much as a bad connection needs; who takes longer holds connections open on purpose, or is gone. Nothing of ours is silent
 * for longer than a mutation waits (30 s) or an uploader may be (60 s); event streams say something every 12 s.
 */
export const USUAL_PATIENCE: Patience = { headMs: 30_000, restMs: 30_000, stillMs: 300_000 };

/** One answered request. */
export interface Served {
  /** A route's name, or `none`. */
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
  readonly requestId: string;
  /** It was told of events, for as long as it liked. */
  readonly isStream: boolean;
}

/*
 * What every request goes through, in this order: it gets an id and the headers browsers heed; a Host that is none or not served, or a page it must not
 * come from, is turned away; its route is found; who sent it is established, and whether the role suffices; its caller's turn is
 * taken; the route answers. Nothing of a body is read before.
 */

/** The gateway's HTTP surface. Not listening yet. */
export function createGatewayServer(options: GatewayServerOptions): Server {
  const { headMs, restMs, stillMs } = { ...USUAL_PATIENCE, ...options.patience };
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    limitRest(request, response, restMs);
    pass(options, request, response).catch((error) => fail(options, request, response, error));
  };
  const patience = {
    requestTimeout: 0, // an upload may take hours
    headersTimeout: headMs, // which Node would take from the line above: none
    connectionsCheckingInterval: Math.min(headMs, LOOK_AT_CONNECTIONS_EVERY_MS),
    keepAliveTimeout: KEEP_ALIVE_MS,
  };
  const server = createServer(patience, serve).on("checkContinue", (request, response) => {
    holdBack(request);
    serve(request, response);
  });
  answerBrokenRequests(server, options.isProduction ?? false);
  server.timeout = stillMs; // cuts off who takes nothing of an answer; progress, however slow, counts
  return server;
}

/** Nobody is left to be answered, or a route does not work at all: then somebody should hear of it. */
function fail(
  { onFailure }: GatewayServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): void {
  if (request.socket.destroyed) {
    response.destroy();
    return;
  }
  onFailure?.(error, String(response.getHeader("x-request-id")));
  if (response.headersSent) {
    response.destroy(); // an end would look like the end of the answer
    return;
  }
  const problem = { code: "INTERNAL_SERVER_ERROR", message: "Internal error" };
  refuse(request, response, 500, { error: problem });
}

/**
 * ms a connection without a request is kept. Longer than proxies keep theirs (60 s: nginx, the load balancers of AWS): whoever
 * closes first cuts off a request that is just being sent, and no proxy may send a POST again.
 */
const KEEP_ALIVE_MS = 75_000;

/** ms between two looks for heads that take too long. */
const LOOK_AT_CONNECTIONS_EVERY_MS = 10_000;

async function pass(
  options: GatewayServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { corsOrigins = [], isProduction = false } = options;
  const requestId = randomUUID();
  response.setHeader("x-request-id", requestId);
  if (options.stopping?.aborted) {
    response.setHeader("connection", "close");
  }
  setSecurityHeaders(response, isProduction);
  letRead(request, response, corsOrigins);
  const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
  const route = options.routes.find(({ matches }) => matches(path, request));
  noteWhenServed(options, route?.name ?? "none", requestId, response);
  const turnAway = refusalOf(request, response, route);

  if (!isHost(request.headers.host)) {
    turnAway(400, "BAD_REQUEST", "The Host header must be a host");
    return;
  }
  if (options.servesHost?.(request.headers.host ?? "") === false) {
    turnAway(403, "FORBIDDEN", "This Host is not served without sign-in");
    return;
  }
  if (answerPreflight(request, response, corsOrigins)) {
    return;
  }
  const isPageOpened = route?.isPage?.(request) === true && isNavigation(request);
  if (isFromForeignPage(request, corsOrigins) && !isPageOpened) {
    turnAway(403, "FORBIDDEN", "Pages of other origins are not served");
    return;
  }
  if (route === undefined) {
    turnAway(404, "NOT_FOUND", "There is nothing here");
    return;
  }
  if (route.access === "open") {
    await route.serve(request, response, { requestId });
    return;
  }
  let caller: Caller;
  try {
    caller = await (route.signIn ?? options.signIn)(request);
    if (!hasRole(caller, route.access)) {
      throw new SignInProblem(403, "Your role does not allow this");
    }
  } catch (error) {
    const problem = asProblem(options, error, requestId);
    challenge(response, problem);
    if (route.serveUnsigned !== undefined) {
      await route.serveUnsigned(request, response, { requestId, problem });
      return;
    }
    turnAway(problem.status, problem.code, problem.message);
    return;
  }
  const waitMs = options.takeTurn?.(caller.subject);
  if (waitMs !== undefined) {
    response.setHeader("retry-after", String(Math.ceil(waitMs / 1_000)));
    turnAway(429, "RATE_LIMITED", "Too many requests; see Retry-After");
    return;
  }
  await route.serve(request, response, { caller, requestId });
}

/** Name or address, and a port; HTTP/1.0 does without. Anything else would end up in URLs, and in the errors of those who parse them. */
function isHost(host: string | undefined): boolean {
  return (
    host === undefined ||
    (/^([\w.-]+|\[[\da-f:.]+\])(:\d+)?$/i.test(host) && URL.canParse(`http://${host}`))
  );
}

type TurnAway = (status: number, code: string, message: string) => void;

function refusalOf(
  request: IncomingMessage,
  response: ServerResponse,
  route: Route | undefined,
): TurnAway {
  const bodyOf = route?.refusal ?? ((code, message) => ({ error: { code, message } }));
  return (status, code, message) => refuse(request, response, status, bodyOf(code, message));
}

function asProblem(
  { onTrouble }: GatewayServerOptions,
  error: unknown,
  requestId: string,
): SignInProblem {
  if (error instanceof SignInProblem && error.status !== 503) {
    return error;
  }
  onTrouble?.(error, requestId);
  return error instanceof SignInProblem
    ? error
    : new SignInProblem(503, "Signing in does not work at the moment");
}

/** How to do better (RFC 6750, 3). */
function challenge(response: ServerResponse, { status, hasToken, message }: SignInProblem): void {
  if (status === 503) {
    response.setHeader("retry-after", "1");
    return;
  }
  const error = status === 403 ? "insufficient_scope" : "invalid_token";
  const why = hasToken ? ` error="${error}", error_description="${message}"` : "";
  response.setHeader("www-authenticate", `Bearer realm="patchlane"${why && `,${why}`}`);
}

function noteWhenServed(
  { onServed }: GatewayServerOptions,
  route: string,
  requestId: string,
  response: ServerResponse,
): void {
  if (onServed !== undefined) {
    const began = performance.now();
    response.once("close", () => {
      const { statusCode: status } = response;
      const isStream = String(response.getHeader("content-type")).startsWith("text/event-stream");
      onServed({ route, status, durationMs: performance.now() - began, requestId, isStream });
    });
  }
}
