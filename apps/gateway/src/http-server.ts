import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { refuseBody } from "./body-limit.ts";
import type { ServeResults } from "./bulk/serve-results.ts";
import type { ServeUploads } from "./bulk/serve-uploads.ts";
import type { GraphqlServer } from "./graphql-server.ts";
import type { Readiness } from "./readiness.ts";
import { holdBack, JSON_HEADERS, letSend, refuse } from "./refuse-body.ts";

export interface GatewayRoutes {
  readonly graphql: GraphqlServer;
  readonly uploads: ServeUploads;
  readonly readiness: () => Promise<Readiness>;
  readonly results: ServeResults;
  /** Whether to serve a request with this Host header; default all. */
  readonly servesHost?: (host: string) => boolean;
  /** ms a GraphQL request may take to arrive; default 5 minutes. An upload may take longer, while its bytes flow. */
  readonly longestArrivalMs?: number;
}

const LONGEST_ARRIVAL_MS = 300_000;

/** The gateway's HTTP surface. Not listening yet. */
export function createGatewayServer(routes: GatewayRoutes): Server {
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    route(routes, request, response).catch(() => response.destroy());
  };
  return createServer({ requestTimeout: 0 }, serve).on("checkContinue", (request, response) => {
    holdBack(request);
    serve(request, response);
  });
}

async function route(
  { graphql, uploads, readiness, results, servesHost, longestArrivalMs }: GatewayRoutes,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (servesHost?.(request.headers.host ?? "") === false) {
    json(response, 403, {
      error: { code: "FORBIDDEN", message: "This Host is not served without sign-in" },
    });
    return;
  }
  switch ((request.url ?? "/").split("?", 1)[0]) {
    case "/graphql": {
      const refusal = refuseBody(request);
      if (refusal === undefined) {
        letSend(request, response);
        limitArrival(request, longestArrivalMs);
        await graphql(request, response);
      } else {
        const { status, code, message } = refusal;
        refuse(request, response, status, { errors: [{ message, extensions: { code } }] });
      }
      return;
    }
    case "/bulk-updates":
      await uploads(request, response);
      return;
    case "/health/live":
      json(response, 200, { status: "live" });
      return;
    case "/health/ready": {
      const answer = await readiness();
      json(response, answer.status === "unavailable" ? 503 : 200, answer);
      return;
    }
    case "/":
      response.writeHead(302, { location: "/graphql" }).end();
      return;
    default:
      if (await results(request, response)) {
        return;
      }
      json(response, 404, { error: { code: "NOT_FOUND", message: "There is nothing here" } });
  }
}

function limitArrival(request: IncomingMessage, longestMs = LONGEST_ARRIVAL_MS): void {
  // What has no body never tells its end, and the answer to it may be a stream that goes on for hours.
  const end = (): unknown => request.complete || request.destroy();
  const timer = setTimeout(end, longestMs).unref();
  request.once("close", () => clearTimeout(timer));
  request.once("end", () => clearTimeout(timer));
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, JSON_HEADERS);
  response.end(JSON.stringify(body));
}
