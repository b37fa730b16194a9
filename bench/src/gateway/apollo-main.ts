import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { type GatewayContext, schema } from "@patchlane/gateway";
import { rivalContext } from "./rival-services.ts";

/**
 * `apollo-main <Redis URL>`: the gateway's schema on Apollo Server, as its documentation starts it without a web framework.
 * Its document cache is on by default; NODE_ENV=production switches introspection, landing page and stack traces off.
 */
const [redisUrl = ""] = process.argv.slice(2);
const context = await rivalContext(redisUrl);
const server = new ApolloServer<GatewayContext>({ schema });
const { url } = await startStandaloneServer(server, {
  context: async () => context(),
  listen: { host: "127.0.0.1", port: 0 },
});
console.log(JSON.stringify({ ready: true, url }));
