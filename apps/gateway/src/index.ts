export { createGraphqlServer, type GraphqlServer } from "./graphql-server.ts";
export { printSdl } from "./schema/print-schema.ts";
export type { Caller, GatewayContext, Services } from "./services.ts";
