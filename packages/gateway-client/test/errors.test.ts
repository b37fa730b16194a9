import { inspect } from "node:util";
import { expect, test } from "vitest";
import {
  createGatewayClient,
  GatewayGraphqlError,
  GatewayHttpError,
  GatewayUnreachableError,
} from "../src/index.ts";
import { type Answer, deadPort, fakeGateway, json } from "./support/fake-gateway.ts";

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => {
      throw new Error("it should have failed");
    },
    (error: unknown) => error,
  );

test("what the gateway refuses is a value, told apart by its type's name", async () => {
  const issues = [{ code: "INVALID_VALUE", path: "/changes/name", message: "too long" }];
  const refusal = { __typename: "InvalidInputError", message: "too long", issues };
  const url = await fakeGateway(json(200, { data: { updateReferral: refusal } }));
  const result = await createGatewayClient({ url }).updateReferral({ referralId: "r-1" });
  expect(result).toEqual(refusal);
});

test("nobody listening: unreachable, with the address and the system's code", async () => {
  const url = `http://127.0.0.1:${await deadPort()}`;
  const error = await failureOf(createGatewayClient({ url }).queue());
  expect(error).toBeInstanceOf(GatewayUnreachableError);
  expect(error).toMatchObject({ url: `${url}/graphql`, code: "ECONNREFUSED" });
});

test("no answer in time: unreachable, with ETIMEDOUT", async () => {
  const url = await fakeGateway(() => {});
  const error = await failureOf(createGatewayClient({ url, timeoutMs: 50 }).queue());
  expect(error).toBeInstanceOf(GatewayUnreachableError);
  expect(error).toMatchObject({ code: "ETIMEDOUT" });
});

test("a connection cut in the middle of the answer: unreachable", async () => {
  const cut: Answer = (_request, response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
    response.write('{"data":', () => response.socket?.destroy());
  };
  const url = await fakeGateway(cut);
  expect(await failureOf(createGatewayClient({ url }).queue())).toBeInstanceOf(
    GatewayUnreachableError,
  );
});

test("GraphQL errors are thrown with every problem, its code and its path", async () => {
  const url = await fakeGateway(
    json(200, {
      data: null,
      errors: [
        {
          message: "the update queue is not available at the moment",
          path: ["queue"],
          extensions: { code: "SERVICE_UNAVAILABLE", retryAfterMs: 1000 },
        },
        { message: "and this" },
      ],
    }),
  );
  const error = await failureOf(createGatewayClient({ url }).queue());
  expect(error).toBeInstanceOf(GatewayGraphqlError);
  expect(error).toMatchObject({
    message: "the update queue is not available at the moment; and this",
    code: "SERVICE_UNAVAILABLE",
    problems: [
      { code: "SERVICE_UNAVAILABLE", path: ["queue"], retryAfterMs: 1000 },
      { code: undefined, path: undefined },
    ],
  });
});

test.each([
  [418, { error: { code: "TEAPOT", message: "no coffee" } }, "TEAPOT", "no coffee"],
  [502, "<html>bad gateway</html>", undefined, "answered with HTTP status 502"],
  [302, "", undefined, "answered with a redirect to http://elsewhere.example/"],
])(
  "HTTP status %i is thrown with its status, code and words",
  async (status, body, code, words) => {
    const answer: Answer = (request, response) => {
      request.resume();
      const type = typeof body === "string" ? "text/html" : "application/problem+json";
      response.writeHead(status, { "content-type": type, location: "http://elsewhere.example/" });
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    };
    const url = await fakeGateway(answer);
    const error = await failureOf(createGatewayClient({ url }).queue());
    expect(error).toBeInstanceOf(GatewayHttpError);
    expect(error).toMatchObject({ status, code, message: expect.stringContaining(words) });
  },
);

test("an answer of something that is no gateway says so", async () => {
  const url = await fakeGateway(json(200, { hello: "world" }));
  const error = await failureOf(createGatewayClient({ url }).queue());
  expect(error).toMatchObject({ message: `${url}/graphql did not answer as a gateway does` });
});

test("the token travels in the header, is asked for anew each time, and is in no error", async () => {
  const seen: unknown[] = [];
  const url = await fakeGateway((request, response) => {
    seen.push(request.headers.authorization);
    json(500, { error: { code: "BROKEN", message: "it broke" } })(request, response);
  });
  let count = 0;
  const token = (): string => `secret-${++count}`;
  const client = createGatewayClient({ url, token });
  const errors = [await failureOf(client.queue()), await failureOf(client.queue())];
  expect(seen).toEqual(["Bearer secret-1", "Bearer secret-2"]);
  expect(inspect(errors, { depth: 10 })).not.toContain("secret");
});

test("an url is taken with or without its endpoint, and one that is none is refused", async () => {
  const paths: unknown[] = [];
  const url = await fakeGateway((request, response) => {
    paths.push(request.url);
    json(200, { data: { allowedTransitions: [] } })(request, response);
  });
  for (const given of [url, `${url}/`, `${url}/graphql`, `${url}/deep/graphql/`]) {
    await createGatewayClient({ url: given }).allowedTransitions("New");
  }
  expect(paths).toEqual(["/graphql", "/graphql", "/graphql", "/deep/graphql"]);
  for (const bad of ["localhost:4000", "ftp://x", "http://user:secret@x/", ""]) {
    expect(() => createGatewayClient({ url: bad })).toThrow(TypeError);
    expect(() => createGatewayClient({ url: bad })).not.toThrow(/secret/);
  }
});
