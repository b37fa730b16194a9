import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";

/** A token endpoint that issues to anybody, and keeps what it was sent. */
export async function startTokenEndpoint(): Promise<{ origin: string; forms: URLSearchParams[] }> {
  const forms: URLSearchParams[] = [];
  const server = createServer(async (request, response) => {
    forms.push(new URLSearchParams(await text(request)));
    response.setHeader("content-type", "application/json");
    response.end(
      JSON.stringify({ token_type: "Bearer", access_token: "issued", expires_in: 3600 }),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    server.close();
    server.closeAllConnections();
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, forms };
}
