export { createGraphqlServer, type GraphqlServer } from "./graphql-server.ts";
export { loadsOf } from "./loads.ts";
export { printSdl } from "./schema/print-schema.ts";
export { schema } from "./schema/schema.ts";
export type { GatewayContext, Services } from "./services.ts";
export type { Caller, Role } from "./sign-in/caller.ts";
