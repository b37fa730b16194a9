import { isResultsPath, serveResults } from "./bulk/serve-results.ts";
import { serveUploads, type UploadLimits } from "./bulk/serve-uploads.ts";
import type { GraphqlServer } from "./graphql-server.ts";
import { at, type Route } from "./http/route.ts";
import { sendJson } from "./http/send-json.ts";
import {
  graphqlRefusal,
  isGraphiqlAsked,
  serveGraphiql,
  serveGraphql,
} from "./http/serve-graphql.ts";
import { withoutGrowingHeap } from "./keep-heap-small.ts";
import type { Readiness } from "./readiness.ts";
import type { Services } from "./services.ts";

export interface RouteParts {
  readonly services: Services;
  readonly graphql: GraphqlServer;
  readonly hasGraphiql: boolean;
  readonly readiness: () => Promise<Readiness>;
  readonly uploads: UploadLimits;
  /** ms a GraphQL request may take to arrive; default 5 minutes. An upload may take longer, while its bytes flow. */
  readonly longestArrivalMs?: number | undefined;
  /** Those of parts that can be left out. */
  readonly more?: readonly Route[];
}

/** Everything the gateway serves, and what role it takes. */
export function gatewayRoutes(parts: RouteParts): Route[] {
  const { services, graphql, hasGraphiql, readiness, uploads, longestArrivalMs } = parts;
  const graphiql: Route = {
    name: "graphiql",
    matches: (path, request) => path === "/graphql" && isGraphiqlAsked(request),
    isPage: () => true,
    access: "open", // a page without data: what it asks for needs a token
    serve: serveGraphiql(graphql),
  };
  return [
    ...(hasGraphiql ? [graphiql] : []),
    {
      name: "graphql",
      matches: at("/graphql"),
      access: "reader", // the fields say what else they need
      refusal: graphqlRefusal,
      serve: serveGraphql(graphql, { longestArrivalMs }),
    },
    {
      name: "upload",
      matches: at("/bulk-updates"),
      access: "admin",
      serve: withoutGrowingHeap(serveUploads(services, uploads)),
    },
    { name: "results", matches: isResultsPath, access: "admin", serve: serveResults(services) },
    {
      name: "live",
      matches: at("/health/live"),
      access: "open",
      serve: async (_request, response) => sendJson(response, 200, { status: "live" }),
    },
    {
      name: "ready",
      matches: at("/health/ready"),
      access: "open",
      serve: async (_request, response) => {
        if (services.stopping?.aborted) {
          sendJson(response, 503, { status: "stopping" });
          return;
        }
        const answer = await readiness();
        sendJson(response, answer.status === "unavailable" ? 503 : 200, answer);
      },
    },
    ...(hasGraphiql ? [home] : []),
    ...(parts.more ?? []),
  ];
}

const home: Route = {
  name: "home",
  matches: at("/"),
  isPage: () => true,
  access: "open",
  serve: async (_request, response) => {
    response.writeHead(302, { location: "/graphql" }).end();
  },
};
