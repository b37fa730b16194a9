import { schema } from "@patchlane/gateway";
import Fastify from "fastify";
import { useGraphql16Names } from "./graphql-16-names.ts";
import { rivalContext } from "./rival-services.ts";

/**
 * `mercurius-main <Redis URL>`: the gateway's schema on mercurius and Fastify. Its document cache is on by default; with `jit: 1` it
 * compiles an operation the second time it comes. GraphiQL is off, and nothing is logged of requests.
 */
useGraphql16Names();
const { default: mercurius } = await import("mercurius");
const [redisUrl = ""] = process.argv.slice(2);
const context = await rivalContext(redisUrl);
const app = Fastify({ logger: false });
app.register(mercurius, { schema, context, jit: 1, graphiql: false });
const origin = await app.listen({ host: "127.0.0.1", port: 0 });
console.log(JSON.stringify({ ready: true, url: `${origin}/graphql` }));
