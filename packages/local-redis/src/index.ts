export { type FailedWay, LocalRedisStartError, LocalRedisUnavailableError } from "./errors.ts";
export { type LocalRedis, type LocalRedisOptions, startLocalRedis } from "./local-redis.ts";
export type { LookupEdges } from "./server-lookup/edges.ts";
export {
  ensureRedisServer,
  lookUpRedisServer,
  type RedisServer,
} from "./server-lookup/ensure-redis-server.ts";
export type { DockerServer } from "./server-lookup/find-docker.ts";
export type { NativeServer } from "./server-lookup/find-native-server.ts";
