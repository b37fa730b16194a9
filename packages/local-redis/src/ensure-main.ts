import { readEnvironment } from "./env.ts";
import { messageOf } from "./errors.ts";
import { ensureRedisServer, type RedisServer } from "./server-lookup/ensure-redis-server.ts";

/** `pnpm redis:ensure`: makes sure that a Redis can be started, and says in one line which. */
async function main(): Promise<void> {
  if (readEnvironment().hasRedisUrl) {
    console.log("Redis: REDIS_URL is set; nothing to look for.");
    return;
  }
  console.log(`Redis: ${describe(await ensureRedisServer())}`);
}

function describe(server: RedisServer): string {
  return server.kind === "docker"
    ? `${server.image} in Docker`
    : `${server.command} ${server.version}`;
}

main().catch((error: unknown) => {
  console.error(messageOf(error));
  process.exitCode = 1;
});
