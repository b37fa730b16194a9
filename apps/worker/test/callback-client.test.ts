import { NOT_PUBLIC, publicLookup } from "@patchlane/service-kit";
import { afterEach, expect, test } from "vitest";
import { type CallbackClient, createCallbackClient } from "../src/callbacks/callback-client.ts";
import { type Receiver, type ReceiverAnswer, startReceiver } from "./support/receiver.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) {
    await close();
  }
});

async function receiver(...answers: ReceiverAnswer[]): Promise<Receiver> {
  const started = await startReceiver(...answers);
  closers.push(() => started.close());
  return started;
}

function client(options: Parameters<typeof createCallbackClient>[0]): CallbackClient {
  const made = createCallbackClient(options);
  closers.push(() => made.close());
  return made;
}

test("posts what it is given and answers the status", async () => {
  const { url, calls } = await receiver(202);
  const { post } = client({ mayBePrivate: true });
  expect(await post(url, { "webhook-id": "msg_1" }, '{"id":"blk_1"}')).toEqual({ status: 202 });
  expect(calls).toMatchObject([
    {
      method: "POST",
      url: "/hook?token=s3cret",
      headers: { "content-type": "application/json", "webhook-id": "msg_1" },
      body: '{"id":"blk_1"}',
    },
  ]);
});

test("a redirect is an answer, not a way", async () => {
  const target = await receiver(200);
  const { url } = await receiver({ status: 307, headers: { location: target.url } });
  expect(await client({ mayBePrivate: true }).post(url, {}, "{}")).toEqual({ status: 307 });
  expect(target.calls).toEqual([]);
});

test("who does not answer is not waited for", async () => {
  const { url } = await receiver("hang");
  const { post } = client({ mayBePrivate: true, timeoutMs: 50 });
  expect(await post(url, {}, "{}")).toEqual({ reason: "no answer in time" });
});

test("a cut connection and a closed port have a reason that does not tell the URL", async () => {
  const cut = await receiver("cut");
  const { post } = client({ mayBePrivate: true });
  const outcomes = [
    await post(cut.url, {}, "{}"),
    await post("http://127.0.0.1:1/hook?token=s3cret", {}, "{}"),
  ];
  expect(outcomes).toEqual([{ reason: "UND_ERR_SOCKET" }, { reason: "ECONNREFUSED" }]);
});

test.each([
  ["loopback", "https://127.0.0.1:PORT/hook"],
  ["loopback in IPv6 spelling", "https://[::ffff:127.0.0.1]:PORT/hook"],
  ["loopback as a number", "https://2130706433:PORT/hook"],
  ["a name for loopback", "https://localhost:PORT/hook"],
  ["http", "http://crm.example:PORT/hook"],
])("%s is not even connected to", async (_what, template) => {
  const { port, calls } = await receiver(200);
  const outcome = await client({ mayBePrivate: false }).post(
    template.replace("PORT", String(port)),
    {},
    "{}",
  );
  expect(outcome.status).toBeUndefined();
  expect(outcome.reason).toMatch(/not public|https/);
  expect(calls).toEqual([]);
});

test("a name that points here is not connected to", async () => {
  const { port, calls } = await receiver(200);
  // Rebinding: the first answer, which nobody connects to, would have been a good one.
  const answers = ["93.184.215.14", "127.0.0.1"];
  const asked: string[] = [];
  const lookup = publicLookup((hostname, _options, callback) => {
    asked.push(hostname);
    callback(null, [{ address: answers[asked.length] ?? "127.0.0.1", family: 4 }]);
  });
  const { post } = client({ mayBePrivate: false, lookup });
  expect(await post(`https://crm.example:${port}/hook`, {}, "{}")).toEqual({ reason: NOT_PUBLIC });
  expect(asked).toEqual(["crm.example"]);
  expect(calls).toEqual([]);
});
