import { expect, test } from "vitest";
import { createGatewayClient, GatewayUnreachableError } from "../src/index.ts";
import { type Answer, bodyOf, fakeGateway, json } from "./support/fake-gateway.ts";

const refused = { __typename: "ReferralNotFoundError", message: "none", referralId: "r-1" };
const answered = json(200, { data: { updateReferral: refused } });
const cut: Answer = (request) => void request.once("data", () => request.socket.destroy());

/** Answers one after the other, noting what came. */
async function gateway(...answers: Answer[]): Promise<{ url: string; bodies: string[] }> {
  const bodies: string[] = [];
  const noted = answers.map<Answer>((answer) => async (request, response) => {
    if (answer === cut) {
      request.once("data", (chunk: Buffer) => bodies.push(String(chunk)));
      return cut(request, response);
    }
    bodies.push(await bodyOf(request));
    return answer(request, response);
  });
  return { url: await fakeGateway(...noted), bodies };
}

test("with an idempotency key a mutation whose answer was lost is sent again, letter by letter", async () => {
  const { url, bodies } = await gateway(cut, json(502, "<html>"), answered);
  const input = { referralId: "r-1", idempotencyKey: "deal-7" };
  expect(await createGatewayClient({ url }).updateReferral(input)).toEqual(refused);
  expect(bodies).toHaveLength(3);
  expect(new Set(bodies).size).toBe(1);
});

test.each([
  ["no key", { referralId: "r-1" }, {}],
  ["a null for a key", { referralId: "r-1", idempotencyKey: null }, {}],
  ["a key, and one try", { referralId: "r-1", idempotencyKey: "deal-7" }, { mutationTries: 1 }],
])("with %s it is sent once", async (_, input, options) => {
  const { url, bodies } = await gateway(cut, answered);
  const call = createGatewayClient({ url, ...options }).updateReferral(input);
  await expect(call).rejects.toBeInstanceOf(GatewayUnreachableError);
  expect(bodies).toHaveLength(1);
});

test("a gateway that stays away is given up after three", async () => {
  const { url, bodies } = await gateway(cut);
  const input = { items: [], idempotencyKey: "night" };
  const call = createGatewayClient({ url }).bulkUpdateReferrals(input);
  await expect(call).rejects.toBeInstanceOf(GatewayUnreachableError);
  expect(bodies).toHaveLength(3);
});

test("an aborted signal ends the wait between two tries", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  const { url } = await gateway((request) => {
    request.socket.destroy();
    controller.abort(reason);
  });
  const input = { referralId: "r-1", idempotencyKey: "deal-7" };
  const { signal } = controller;
  await expect(createGatewayClient({ url }).updateReferral(input, { signal })).rejects.toBe(reason);
});

test("every call ends when its own signal says so, or the client's", async () => {
  const url = await fakeGateway(() => {});
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  const client = createGatewayClient({ url });
  const call = { signal };
  const calls = [
    client.referral("r", call),
    client.referrals({}, call),
    client.referralUpdates("r", {}, call),
    client.referralUpdate("u", call),
    client.cancelReferralUpdate("u", call),
    client.auditTrail({}, call),
    client.bulkUpdate("b", call),
    client.bulkUpdates({}, call),
    client.bulkUpdateItems({ id: "b" }, call),
    client.retryBulkUpdate("b", call),
    client.queue(call),
    client.allowedTransitions("New", undefined, call),
    client.eachReferral({}, call).next(),
    client.eachBulkUpdate(call).next(),
    client.watchReferralUpdate("u", call).next(),
    client.bulkUpdateResults("b", call),
    client.uploadBulkUpdate({ body: "a\n", format: "csv", ...call }),
    createGatewayClient({ url, signal }).queue(),
  ];
  for (const outcome of await Promise.allSettled(calls)) {
    expect(outcome).toEqual({ status: "rejected", reason });
  }
});
