import type { IncomingMessage } from "node:http";

/**
 * The request body as text, or `undefined` when it is longer than `maxBytes` (the rest is left
 * unread). Rejects when the client goes away first.
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) {
        request.removeAllListeners("data");
        request.resume();
        resolve(undefined);
        return;
      }
      chunks.push(chunk);
    });
    request.on("end", () => {
      const only = chunks.length === 1 ? chunks[0] : undefined;
      resolve((only ?? Buffer.concat(chunks)).toString("utf8"));
    });
    request.on("error", reject);
    request.on("close", () => {
      // Every request closes in the end; an Error for each would cost more than reading the body.
      if (!request.complete) reject(new Error("The client went away."));
    });
  });
}
