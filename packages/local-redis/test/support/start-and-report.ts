/** A program that starts a Redis, says where, and then does what its argument says. */
import { startLocalRedis } from "../../src/index.ts";

const [dataDir, then] = process.argv.slice(2);
const redis = await startLocalRedis({ dataDir });
console.log(JSON.stringify({ pid: redis.pid, port: redis.port }));
if (then === "stay") setInterval(() => {}, 60_000);
if (then === "exit") process.exit(3);
if (then === "crash") throw new Error("crashed on purpose");
