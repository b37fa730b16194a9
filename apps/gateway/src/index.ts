export { createGraphqlServer, type GraphqlServer } from "./graphql-server.ts";
export { printSdl } from "./schema/print-schema.ts";
export type { GatewayContext, Services } from "./services.ts";
export type { Caller, Role } from "./sign-in/caller.ts";
