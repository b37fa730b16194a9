import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { gatewayRoutes } from "../../src/gateway-routes.ts";
import { createGraphqlServer } from "../../src/graphql-server.ts";
import { createGatewayServer, type Patience } from "../../src/http-server.ts";
import { type Stack, TESTER } from "./stack.ts";

/** The HTTP surface of a stack on a port of its own, closed after the test. */
export async function serve(
  stack: Stack,
  options: {
    readonly stopping?: AbortSignal;
    readonly longestArrivalMs?: number;
    readonly patience?: Partial<Patience>;
  } = {},
): Promise<string> {
  const { stopping, patience = {}, ...limits } = options;
  const services = { ...stack.services, ...(stopping === undefined ? {} : { stopping }) };
  const server = createGatewayServer({
    routes: gatewayRoutes({
      services,
      graphql: createGraphqlServer({ services, hasGraphiql: false }),
      hasGraphiql: false,
      readiness: () => Promise.reject(new Error("not asked for here")),
      uploads: { maxBytes: 10_000_000, maxRows: 100_000 },
      ...limits,
    }),
    signIn: async () => TESTER,
    patience,
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
