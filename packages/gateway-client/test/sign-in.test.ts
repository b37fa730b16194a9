import { inspect } from "node:util";
import { expect, test } from "vitest";
import {
  createGatewayClient,
  GatewayForbiddenError,
  GatewayRateLimitedError,
  GatewayUnauthenticatedError,
} from "../src/index.ts";
import { type Answer, bodyOf, fakeGateway, json } from "./support/fake-gateway.ts";

const queue = {
  waiting: 1,
  active: 0,
  delayed: 0,
  paused: false,
  pausedReason: null,
  ratePerSecond: 5,
  throttledUntil: null,
  oldestWaitingSeconds: 0,
};
const served = json(200, { data: { queue } });
const denied = json(401, { errors: [{ message: "no", extensions: { code: "UNAUTHENTICATED" } }] });

const graphql = (code: string, more: object = {}) => ({
  errors: [{ message: "as it says", path: ["queue"], extensions: { code, ...more } }],
});
const plain = (code: string) => ({ error: { code, message: "as it says" } });

test.each([
  [401, graphql("UNAUTHENTICATED"), GatewayUnauthenticatedError],
  [401, plain("UNAUTHENTICATED"), GatewayUnauthenticatedError],
  [401, {}, GatewayUnauthenticatedError],
  [200, graphql("UNAUTHENTICATED"), GatewayUnauthenticatedError],
  [403, plain("FORBIDDEN"), GatewayForbiddenError],
  [200, graphql("FORBIDDEN", { upstreamStatus: 403 }), GatewayForbiddenError],
  [429, graphql("RATE_LIMITED"), GatewayRateLimitedError],
  [429, plain("RATE_LIMITED"), GatewayRateLimitedError],
])("%i %j has a class of its own", async (status, body, kind) => {
  const url = await fakeGateway(json(status, body));
  const error = await createGatewayClient({ url, token: "secret-1" })
    .queue()
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(kind);
  expect(error).toMatchObject({ url: `${url}/graphql`, name: kind.name });
  expect(inspect(error, { depth: 9 })).not.toContain("secret");
});

test.each([
  ["7", 7_000],
  [new Date(Date.now() + 3_600_000).toUTCString(), 3_600_000],
])("Retry-After %s is in the error", async (value, ms) => {
  const url = await fakeGateway(json(429, graphql("RATE_LIMITED"), { "retry-after": value }));
  const error = await createGatewayClient({ url })
    .queue()
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(GatewayRateLimitedError);
  const { retryAfterMs = 0 } = error as GatewayRateLimitedError;
  expect(retryAfterMs).toBeLessThanOrEqual(ms);
  expect(retryAfterMs).toBeGreaterThan(ms - 60_000);
});

/** Answers one after the other, noting the tokens that came. */
async function gateway(...answers: Answer[]): Promise<{ url: string; tokens: unknown[] }> {
  const tokens: unknown[] = [];
  const noted = answers.map<Answer>((answer) => (request, response) => {
    tokens.push(request.headers.authorization);
    return answer(request, response);
  });
  return { url: await fakeGateway(...noted), tokens };
}

test("a refused token is renewed once, and the call succeeds", async () => {
  const { url, tokens } = await gateway(denied, served);
  const refusals: unknown[] = [];
  let kept = "old";
  const token = async (refused?: string): Promise<string> => {
    refusals.push(refused);
    if (refused === kept) {
      kept = "new";
    }
    return kept;
  };
  expect(await createGatewayClient({ url, token }).queue()).toMatchObject({ waiting: 1 });
  expect(tokens).toEqual(["Bearer old", "Bearer new"]);
  expect(refusals).toEqual([undefined, "old"]);
});

test.each([
  ["a source that has no other", () => "same", ["Bearer same"]],
  ["a fixed token", "fixed", ["Bearer fixed"]],
])("%s is not tried twice", async (_, token, sent) => {
  const { url, tokens } = await gateway(denied);
  const call = createGatewayClient({ url, token }).queue();
  await expect(call).rejects.toBeInstanceOf(GatewayUnauthenticatedError);
  expect(tokens).toEqual(sent);
});

test("new tokens that are refused as well end after one", async () => {
  const { url, tokens } = await gateway(denied);
  let count = 0;
  const call = createGatewayClient({ url, token: () => `t${++count}` }).queue();
  await expect(call).rejects.toBeInstanceOf(GatewayUnauthenticatedError);
  expect(tokens).toEqual(["Bearer t1", "Bearer t2"]);
});

test("a streamed upload whose token is refused is opened again with a new one", async () => {
  const bodies: string[] = [];
  const { url, tokens } = await gateway(
    json(401, plain("UNAUTHENTICATED"), { connection: "close" }),
    async (request, response) => {
      bodies.push(await bodyOf(request));
      await json(202, { id: "blk_1" })(request, response);
    },
  );
  const result = await createGatewayClient({
    url,
    token: (refused) => (refused === undefined ? "old" : "new"),
  }).uploadBulkUpdate({ body: () => ["referralId\n", "r-1\n"], format: "csv" });
  expect(result).toEqual({ kind: "accepted", id: "blk_1" });
  expect({ tokens, bodies }).toEqual({
    tokens: ["Bearer old", "Bearer new"],
    bodies: ["referralId\nr-1\n"],
  });
});
