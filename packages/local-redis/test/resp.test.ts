import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { RespError, redisCommand } from "../src/resp.ts";

/** A server that answers whatever comes with these pieces, one after the other. */
async function serverThatSays(...pieces: string[]): Promise<number> {
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.once("data", () => {
      const sendNext = (): void => {
        const piece = pieces.shift();
        if (piece === undefined) socket.end();
        else socket.write(piece, () => setImmediate(sendNext));
      };
      sendNext();
    });
  });
  server.listen({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

test.each([
  ["a simple string", ["+PONG\r\n"], "PONG"],
  ["a number", [":42\r\n"], "42"],
  [
    "text with line ends and umlauts, in pieces",
    ["$9", "\r\na\r\n", "bü", "ro!\r\n"],
    "a\r\nbüro!",
  ],
  ["nothing", ["$-1\r\n"], null],
  ["a list in pieces", ["*2\r\n$1\r\na\r", "\n*1\r\n:1\r\n"], ["a", ["1"]]],
])("reads %s", async (_name, pieces, reply) => {
  expect(await redisCommand(await serverThatSays(...pieces), ["X"], 30_000)).toEqual(reply);
});

test("an error reply rejects with its text", async () => {
  const port = await serverThatSays("-LOADING Redis is loading the dataset in memory\r\n");
  await expect(redisCommand(port, ["PING"], 30_000)).rejects.toThrow(RespError);
});

test.each([
  ["another protocol", "HTTP/1.1 400 Bad Request\r\n", "not the Redis protocol"],
  ["a connection that ends early", "$10\r\nabc", "closed the connection"],
])("rejects %s", async (_name, piece, message) => {
  await expect(redisCommand(await serverThatSays(piece), ["PING"], 30_000)).rejects.toThrow(
    message,
  );
});
