import { once } from "node:events";
import { createServer } from "node:net";

/** The preferred port when it is free on loopback, else 0 (any free one). */
export async function preferredPort(port: number): Promise<number> {
  const probe = createServer();
  try {
    probe.listen(port, "127.0.0.1");
    await once(probe, "listening");
    return port;
  } catch {
    return 0;
  } finally {
    probe.close();
  }
}
