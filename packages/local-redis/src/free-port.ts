import { createServer } from "node:net";

/**
 * A port that is free on 127.0.0.1 at this moment. Another process may take it before it is used,
 * so the user of it must be ready to ask again.
 */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ host: "127.0.0.1", port: 0 }, () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === "object") resolve(address.port);
        else reject(new Error("the system gave no port number"));
      });
    });
  });
}
