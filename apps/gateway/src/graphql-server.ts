import { useDisableIntrospection } from "@graphql-yoga/plugin-disable-introspection";
import { isTracing } from "@patchlane/service-kit";
import { createYoga, type Plugin, type YogaServerInstance } from "graphql-yoga";
import { maskError } from "./errors.ts";
import { EXAMPLE_QUERY } from "./example-query.ts";
import { acceptableAnswers } from "./graphql/acceptable-answers.ts";
import { endUnheardStreams } from "./graphql/end-unheard-streams.ts";
import { limitEventStreams } from "./graphql/event-stream-limits.ts";
import { nameInternalErrors } from "./graphql/name-internal-errors.ts";
import { onlyTrusted } from "./graphql/only-trusted.ts";
import { readRequests } from "./graphql/read-requests.ts";
import type { TrustedDocuments } from "./graphql/trusted-documents.ts";
import { validateWithin } from "./graphql/validation.ts";
import type { RequestContext } from "./http/route.ts";
import { createDocumentCache } from "./limits/document-cache.ts";
import { limitQueries } from "./limits/query-limits.ts";
import { loadsOf } from "./loads.ts";
import { meterOperations } from "./metrics/meter-operations.ts";
import type { ProcessMetrics } from "./metrics/process-metrics.ts";
import { schema } from "./schema/schema.ts";
import { type GatewayContext, type Services, servicesOf } from "./services.ts";
import { traceOperations } from "./tracing/trace-operations.ts";

/** The GraphQL endpoint; it is told who sent a request. `fetch` answers without a port, for tests. */
export type GraphqlServer = YogaServerInstance<RequestContext, GatewayContext>;

export interface GraphqlServerOptions {
  readonly services: Services;
  readonly hasGraphiql: boolean;
  /** Whether callers may read the schema; default no. */
  readonly hasIntrospection?: boolean;
  /** The only documents that run; default all. */
  readonly trustedDocuments?: TrustedDocuments | undefined;
  /** Default: nothing is measured. */
  readonly metrics?: ProcessMetrics;
}

export function createGraphqlServer(options: GraphqlServerOptions): GraphqlServer {
  const { services, hasGraphiql, hasIntrospection = false, trustedDocuments, metrics } = options;
  return createYoga<RequestContext, GatewayContext>({
    schema,
    graphqlEndpoint: "/graphql",
    context: ({ caller, requestId }) => {
      const own = servicesOf(services, { requestId });
      return { services: own, caller, requestId, loads: loadsOf(own) };
    },
    graphiql: hasGraphiql ? { title: "Patchlane", defaultQuery: EXAMPLE_QUERY } : false,
    // The page with everything in it, nothing from a CDN; loaded when somebody opens it.
    renderGraphiQL: async (options) => {
      const { renderGraphiQL } = await import("@graphql-yoga/render-graphiql");
      return renderGraphiQL(options);
    },
    landingPage: false,
    cors: false,
    batching: false,
    multipart: false,
    // The server in front has refused what is too long, by what it announced and Node holds it to.
    maxRequestBodySize: false,
    parserAndValidationCache: { documentCache: createDocumentCache(), errorCache: KEEP_NOTHING },
    maskedErrors: { maskError },
    // In the order they get to see a request.
    plugins: [
      limitEventStreams(),
      ...(metrics === undefined ? [] : [meterOperations(metrics)]),
      ...(isTracing() ? [traceOperations()] : []),
      acceptableAnswers,
      readRequests,
      onlyTrusted(trustedDocuments),
      limitQueries(schema),
      ...(hasIntrospection ? [] : [useDisableIntrospection()]),
      validateWithin({ hidesSchema: !hasIntrospection }),
      nameInternalErrors(services.log),
      streamThroughProxies,
      endUnheardStreams(),
    ],
    // What is worth a line is logged once, by the plugin above.
    logging: false,
  });
}

/** Texts that cannot be parsed are no use a second time, and a way to fill memory. */
const KEEP_NOTHING = { get: () => undefined, set: () => {} };

/** Proxies that gather answers (nginx) would hold events back. */
const streamThroughProxies: Plugin = {
  onResponse: ({ response }) => {
    if (response.headers.get("content-type")?.startsWith("text/event-stream")) {
      response.headers.set("x-accel-buffering", "no");
    }
  },
};
