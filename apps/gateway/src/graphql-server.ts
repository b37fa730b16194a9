import { createYoga, type YogaServerInstance } from "graphql-yoga";
import { maskError } from "./errors.ts";
import { EXAMPLE_QUERY } from "./example-query.ts";
import { schema } from "./schema/schema.ts";
import type { Caller, GatewayContext, Services } from "./services.ts";

/** The GraphQL endpoint; `fetch` answers without a port, for tests. */
export type GraphqlServer = YogaServerInstance<Record<string, never>, GatewayContext>;

export function createGraphqlServer(options: {
  services: Services;
  authenticate: () => Caller;
  hasGraphiql: boolean;
}): GraphqlServer {
  const { services, authenticate, hasGraphiql } = options;
  const { log } = services;
  return createYoga<Record<string, never>, GatewayContext>({
    schema,
    graphqlEndpoint: "/graphql",
    context: () => ({ services, caller: authenticate() }),
    graphiql: hasGraphiql ? { title: "Patchlane", defaultQuery: EXAMPLE_QUERY } : false,
    landingPage: false,
    cors: false,
    batching: false,
    maskedErrors: {
      maskError: (error) =>
        maskError(error, (unexpected) => log.error({ error: unexpected }, "internal error")),
    },
    logging: {
      debug: () => {},
      info: () => {},
      warn: () => {},
      error: (error: unknown) => log.error({ error }, "GraphQL server error"),
    },
  });
}
