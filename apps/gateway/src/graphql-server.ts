import { isTracing } from "@patchlane/service-kit";
import type { GraphQLError } from "graphql";
import { createYoga, type Plugin, type YogaServerInstance } from "graphql-yoga";
import { maskError } from "./errors.ts";
import { EXAMPLE_QUERY } from "./example-query.ts";
import type { RequestContext } from "./http/route.ts";
import { loadsOf } from "./loads.ts";
import { meterOperations } from "./metrics/meter-operations.ts";
import type { ProcessMetrics } from "./metrics/process-metrics.ts";
import { schema } from "./schema/schema.ts";
import type { GatewayContext, Services } from "./services.ts";
import { traceOperations } from "./tracing/trace-operations.ts";

/** The GraphQL endpoint; it is told who sent a request. `fetch` answers without a port, for tests. */
export type GraphqlServer = YogaServerInstance<RequestContext, GatewayContext>;

export function createGraphqlServer(options: {
  services: Services;
  hasGraphiql: boolean;
  /** Default: nothing is measured. */
  metrics?: ProcessMetrics;
}): GraphqlServer {
  const { services, hasGraphiql, metrics } = options;
  const { log } = services;
  const mask = (error: unknown) =>
    maskError(error, (unexpected) => log.error({ error: unexpected }, "internal error"));
  return createYoga<RequestContext, GatewayContext>({
    schema,
    graphqlEndpoint: "/graphql",
    context: ({ caller, requestId }) => ({ services, caller, requestId, loads: loadsOf(services) }),
    graphiql: hasGraphiql ? { title: "Patchlane", defaultQuery: EXAMPLE_QUERY } : false,
    // The page with everything in it, nothing from a CDN; loaded when somebody opens it.
    renderGraphiQL: async (options) => {
      const { renderGraphiQL } = await import("@graphql-yoga/render-graphiql");
      return renderGraphiQL(options);
    },
    landingPage: false,
    cors: false,
    batching: false,
    maskedErrors: { maskError: mask },
    plugins: [
      ...(metrics === undefined ? [] : [meterOperations(metrics)]),
      ...(isTracing() ? [traceOperations()] : []),
      maskValidation(mask),
      streamThroughProxies,
    ],
    // What is worth a line is logged by the mask, once.
    logging: false,
  });
}

/** Proxies that gather answers (nginx) would hold events back. */
const streamThroughProxies: Plugin = {
  onResponse: ({ response }) => {
    if (response.headers.get("content-type")?.startsWith("text/event-stream")) {
      response.headers.set("x-accel-buffering", "no");
    }
  },
};

/** Yoga does not mask what it finds before execution. */
function maskValidation(mask: (error: unknown) => GraphQLError): Plugin {
  return {
    onValidate:
      () =>
      ({ valid, result, setResult }) => {
        if (!valid) {
          setResult(result.map(mask));
        }
      },
  };
}
