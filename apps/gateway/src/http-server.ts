import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type BodyRefusal, refuseBody } from "./body-limit.ts";
import type { ServeResults } from "./bulk/serve-results.ts";
import type { GraphqlServer } from "./graphql-server.ts";
import type { Readiness } from "./readiness.ts";

export interface GatewayRoutes {
  readonly graphql: GraphqlServer;
  readonly readiness: () => Promise<Readiness>;
  readonly results: ServeResults;
  /** Whether to serve a request with this Host header; default all. */
  readonly servesHost?: (host: string) => boolean;
}

/** The gateway's HTTP surface. Not listening yet. */
export function createGatewayServer(routes: GatewayRoutes): Server {
  return createServer((request, response) => {
    route(routes, request, response).catch(() => response.destroy());
  });
}

async function route(
  { graphql, readiness, results, servesHost }: GatewayRoutes,
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
        await graphql(request, response);
      } else {
        refuse(request, response, refusal);
      }
      return;
    }
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

const JSON_HEADERS = {
  "content-type": "application/json; charset=utf-8",
  "cache-control": "no-store",
};

/** Bytes of a refused body still taken from the socket, so that the sender gets to read the answer. */
const MOST_DRAINED_BYTES = 16 * 1_048_576;

function refuse(request: IncomingMessage, response: ServerResponse, refusal: BodyRefusal): void {
  const { status, code, message } = refusal;
  const answer = JSON.stringify({ errors: [{ message, extensions: { code } }] });
  response.setHeader("connection", "close");
  response.writeHead(status, { ...JSON_HEADERS, "content-length": Buffer.byteLength(answer) });
  response.write(answer);
  // Ended only when the sender is through: ending closes the connection, and who still sends loses the answer.
  request.once("end", () => response.end());
  let drained = 0;
  request.on("data", (chunk: Buffer) => {
    drained += chunk.length;
    if (drained > MOST_DRAINED_BYTES) {
      request.destroy();
    }
  });
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, JSON_HEADERS);
  response.end(JSON.stringify(body));
}
