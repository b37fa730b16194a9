export { type AppName, appEntry, type RunFrom } from "./app-entry.ts";
export {
  type ChildService,
  ChildStartError,
  type StartedChild,
  startChild,
} from "./child-service.ts";
export { givenRedisUrl } from "./env.ts";
export { preferredPort } from "./free-port.ts";
export { type LocalStack, type LocalStackOptions, startLocalStack } from "./local-stack.ts";
