import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createGatewayClient } from "@patchlane/gateway-client";
import { expect, onTestFinished, test } from "vitest";
import { changeDeal } from "../src/change-deal.ts";
import { explain } from "../src/explain.ts";

/** A gateway that answers everything so; a status of 0 hangs up. */
async function gatewayThatSays(status: number, code: string, retryAfter?: string): Promise<string> {
  const server = createServer((request, response) => {
    if (status === 0) {
      request.socket.destroy();
      return;
    }
    request.resume();
    response.writeHead(status, {
      "content-type": "application/json",
      ...(retryAfter === undefined ? {} : { "retry-after": retryAfter }),
    });
    response.end(JSON.stringify({ errors: [{ message: "so it is", extensions: { code } }] }));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test.each([
  [401, "UNAUTHENTICATED", undefined, { next: "signIn" }],
  [403, "FORBIDDEN", undefined, { next: "giveUp" }],
  [200, "FORBIDDEN", undefined, { next: "giveUp" }],
  [429, "RATE_LIMITED", "7", { next: "tryAgain", afterMs: 7_000 }],
  [0, "", undefined, { next: "tryAgain" }],
  [200, "SERVICE_UNAVAILABLE", undefined, { next: "tryAgain" }],
  [200, "INTERNAL_SERVER_ERROR", undefined, { next: "giveUp" }],
])("%i %s is told apart by its type", async (status, code, retryAfter, expected) => {
  const url = await gatewayThatSays(status, code, retryAfter);
  const gateway = createGatewayClient({ url, mutationTries: 1 });
  const change = { referralId: "r-1", changes: { name: "x" }, changeId: "change-1" };
  const thrown = await changeDeal(gateway, change, () => {}).catch((error: unknown) => error);
  expect(explain(thrown)).toMatchObject(expected);
});

test("a bug is not explained away", () => {
  expect(() => explain(new TypeError("a bug"))).toThrow("a bug");
});
