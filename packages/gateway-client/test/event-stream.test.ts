import { expect, test } from "vitest";
import { openEventStream } from "../src/event-stream.ts";
import { createTransport } from "../src/transport.ts";
import { events, fakeGateway } from "./support/fake-gateway.ts";

test("a stream nothing is heard of any more counts as lost", async () => {
  const { promise: isClosed, resolve: closed } = Promise.withResolvers<void>();
  const url = await fakeGateway((request, response) => {
    request.resume();
    response.once("close", () => closed());
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write("event: next\ndata: 1\n\n");
  });
  const seen: string[] = [];
  const read = async () => {
    for await (const { data } of openEventStream(
      createTransport({}),
      { url, method: "GET" },
      { silenceMs: 500 },
    )) {
      seen.push(data);
    }
  };
  await expect(read()).rejects.toMatchObject({
    name: "GatewayUnreachableError",
    code: "ETIMEDOUT",
  });
  expect(seen).toEqual(["1"]);
  await isClosed;
});

test("comments are no events", async () => {
  const url = await fakeGateway(events([1], "complete"));
  const seen = [];
  for await (const event of openEventStream(createTransport({}), { url, method: "GET" })) {
    seen.push(event);
  }
  expect(seen).toEqual([
    { event: "next", data: '{"data":1}' },
    { event: "complete", data: "" },
  ]);
});
