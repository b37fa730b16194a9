import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * Below what Linux (32768), macOS and Windows (49152) hand out on their own, to outgoing connections
 * too: a server that was killed finds its port still free when it is started again.
 */
const LOWEST_PORT = 20_000;
const HIGHEST_PORT = 32_000;
/** So many taken ports in a row mean that something else is wrong. */
const TRIES = 50;

/**
 * A port that is free on 127.0.0.1 at this moment. Another process may take it before it is used,
 * so the user of it must be ready to ask again.
 */
export async function findFreePort(): Promise<number> {
  for (let tried = 1; ; tried += 1) {
    const port = randomInt(LOWEST_PORT, HIGHEST_PORT);
    try {
      await tryPort(port);
      return port;
    } catch (error) {
      if (tried === TRIES) throw error;
    }
  }
}

function tryPort(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ host: "127.0.0.1", port }, () => server.close(() => resolve()));
  });
}
