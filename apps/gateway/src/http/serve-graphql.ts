import type { IncomingMessage, ServerResponse } from "node:http";
import { refuseBody } from "../body-limit.ts";
import type { GraphqlServer } from "../graphql-server.ts";
import { letSend, refuse } from "../refuse-body.ts";
import type { Handler } from "./route.ts";
import { GRAPHIQL_POLICY } from "./security-headers.ts";
import { sendJson } from "./send-json.ts";

/** ms a GraphQL request may take to arrive. */
const LONGEST_ARRIVAL_MS = 300_000;

/** Serves the GraphQL endpoint; what does not announce a readable body is refused unread. */
export function serveGraphql(
  graphql: GraphqlServer,
  {
    longestArrivalMs = LONGEST_ARRIVAL_MS,
  }: { readonly longestArrivalMs?: number | undefined } = {},
): Handler {
  return async (request, response, context) => {
    const refusal = refuseBody(request);
    if (refusal !== undefined) {
      const { status, code, message } = refusal;
      refuse(request, response, status, graphqlRefusal(code, message));
      return;
    }
    letSend(request, response);
    limitArrival(request, response, longestArrivalMs);
    if (isGraphiqlAsked(request)) {
      response.setHeader("content-security-policy", GRAPHIQL_POLICY);
    }
    if (!response.destroyed) {
      // who left while its token was checked would not be missed any more
      await graphql(request, response, context);
    }
  };
}

/** A refusal as GraphQL has it. */
export function graphqlRefusal(code: string, message: string): unknown {
  return { errors: [{ message, extensions: { code } }] };
}

/** Whether a browser opens the endpoint as a page: the same test as Yoga's, which then shows GraphiQL and executes nothing. */
export function isGraphiqlAsked({ method, headers }: IncomingMessage): boolean {
  return method === "GET" && (headers.accept?.includes("text/html") ?? false);
}

/** The page without data behind it, for those who have yet to sign in. */
export function serveGraphiql(graphql: GraphqlServer) {
  return async (
    request: IncomingMessage,
    response: ServerResponse,
    { requestId }: { readonly requestId: string },
  ): Promise<void> => {
    response.setHeader("content-security-policy", GRAPHIQL_POLICY);
    const nobody = { subject: "", role: "reader" } as const;
    await graphql(request, response, { caller: nobody, requestId });
  };
}

function limitArrival(request: IncomingMessage, response: ServerResponse, longestMs: number): void {
  // What has no body never tells its end, and the answer to it may be a stream that goes on for hours.
  const end = (): void => {
    if (request.complete) {
      return;
    }
    if (response.headersSent) {
      request.destroy();
    } else {
      response.setHeader("connection", "close");
      const late = graphqlRefusal("REQUEST_TIMEOUT", "The request took too long to arrive");
      sendJson(response, 408, late);
      response.once("finish", () => request.destroy());
    }
  };
  const timer = setTimeout(end, longestMs).unref();
  request.once("close", () => clearTimeout(timer));
  request.once("end", () => clearTimeout(timer));
}
