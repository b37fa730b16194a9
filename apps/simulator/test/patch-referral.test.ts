import { expect, test } from "vitest";
import { at, call, patch, REFERRAL, start, truth } from "./harness.ts";

test("the first documented sample changes value and notes", async () => {
  const simulator = await start();
  const reply = await patch(simulator, [
    { op: "replace", path: "/details/dealValue", value: "10000" },
    { op: "replace", path: "/details/notes", value: "Discussed" },
  ]);
  expect(reply.status).toBe(200);
  expect(at(reply.body, "details/dealValue")).toBe(10000);
  expect(at(reply.body, "details/notes")).toBe("Discussed");
});

test("the second documented sample closes as won", async () => {
  const simulator = await start();
  const reply = await patch(simulator, [
    { op: "replace", path: "/status", value: "Closed" },
    { op: "replace", path: "/substatus", value: "Won" },
  ]);
  expect(reply.status).toBe(200);
  expect(reply.body).toMatchObject({ status: "Closed", substatus: "Won" });
});

test("the third documented sample appends a member, and twice when sent twice", async () => {
  const simulator = await start();
  const jane = { email: "jane.doe@contoso.example", firstName: "Jane", lastName: "Doe" };
  const operations = [{ op: "add", path: "/team/-", value: jane }];
  await patch(simulator, operations);
  const reply = await patch(simulator, operations);
  expect((reply.body.team as unknown[]).slice(1)).toEqual([jane, jane]);
});

test("the representation is only sent when asked for", async () => {
  const simulator = await start();
  const reply = await patch(simulator, [{ op: "add", path: "/name", value: "x" }], {});
  expect(reply).toMatchObject({ status: 204, text: "" });
  expect(reply.headers.get("request-id")).toMatch(/^[0-9a-f-]{36}$/);
  expect(truth(simulator).name).toBe("x");
});

test("every effective write changes ETag and update time, which agree everywhere", async () => {
  const simulator = await start();
  const seen = [{ eTag: truth(simulator).eTag, updated: truth(simulator).updatedDateTime }];
  for (const notes of ["a", "b", "c"]) {
    const { body, headers } = await patch(simulator, [
      { op: "replace", path: "/details/notes", value: notes },
    ]);
    expect(headers.get("etag")).toBe(body.eTag);
    expect(body.eTag).toMatch(/^"[0-9a-f]{8}-0000-0000-0000-[0-9a-f]{12}"$/);
    seen.push({ eTag: body.eTag, updated: body.updatedDateTime });
  }
  const updates = seen.map(({ updated }) => String(updated));
  expect(new Set(seen.map(({ eTag }) => eTag)).size).toBe(4);
  expect(updates).toEqual([...new Set(updates)].sort());
  const same = await patch(simulator, [{ op: "replace", path: "/details/notes", value: "c" }]);
  expect(same).toMatchObject({ status: 200, body: { eTag: seen[3]?.eTag } });
});

test("If-Match protects against a change in between", async () => {
  const simulator = await start();
  const read = await call(simulator, "GET", REFERRAL);
  const etag = read.headers.get("etag") ?? "";
  const write = (value: string) =>
    patch(simulator, [{ op: "replace", path: "/details/notes", value }], { "if-match": etag });
  expect((await write("first")).status).toBe(204);
  const second = await write("second");
  expect(second.status).toBe(412);
  expect(at(second.body, "error/code")).toBe("preconditionFailed");
  expect(at(truth(simulator), "details/notes")).toBe("first");
});

const member = { email: "x@y.example" };

test.each<[string, unknown, string | undefined]>([
  ["remove is not supported", [{ op: "remove", path: "/name" }], "op"],
  ["test is not supported", [{ op: "test", path: "/name", value: "x" }], "op"],
  ["move is not supported", [{ op: "move", from: "/name", path: "/statusReason" }], "op"],
  ["an unknown operation", [{ op: "merge", path: "/name", value: "x" }], "op"],
  ["the body must be an array", { op: "replace", path: "/name", value: "x" }, undefined],
  ["an operation must be an object", ["x"], undefined],
  ["a value is required", [{ op: "replace", path: "/name" }], "/name"],
  ["the path must be a pointer", [{ op: "replace", path: "name", value: "x" }], "path"],
  ["the whole document", [{ op: "replace", path: "", value: {} }], "path"],
  ["a bad escape", [{ op: "add", path: "/details/a~2", value: 1 }], "path"],
  ["a read-only property", [{ op: "replace", path: "/id", value: "x" }], "/id"],
  ["a part of one", [{ op: "replace", path: "/links/self/uri", value: "x" }], "/links/self/uri"],
  ["the ETag", [{ op: "replace", path: "/eTag", value: "x" }], "/eTag"],
  ["the type", [{ op: "replace", path: "/type", value: "Shared" }], "/type"],
  ["an unknown property", [{ op: "add", path: "/colour", value: "x" }], "/colour"],
  ["a replace of nothing", [{ op: "replace", path: "/team/7", value: member }], "/team/7"],
  ["a replace past the end", [{ op: "replace", path: "/team/-", value: member }], "/team/-"],
  ["an index with a leading zero", [{ op: "replace", path: "/team/00", value: {} }], "/team/00"],
  ["an add beyond the end", [{ op: "add", path: "/team/9", value: member }], "/team/9"],
  ["a missing parent", [{ op: "add", path: "/details/a/b", value: 1 }], "/details/a/b"],
  ["a prototype", [{ op: "add", path: "/details/__proto__", value: 1 }], "/details/__proto__"],
  [
    "money in words",
    [{ op: "replace", path: "/details/dealValue", value: "a lot" }],
    "/details/dealValue",
  ],
  [
    "money as a flag",
    [{ op: "replace", path: "/details/dealValue", value: true }],
    "/details/dealValue",
  ],
  [
    "a wrong currency",
    [{ op: "replace", path: "/details/currency", value: "dollars" }],
    "/details/currency",
  ],
  [
    "a wrong date",
    [{ op: "replace", path: "/details/closingDateTime", value: "soon" }],
    "/details/closingDateTime",
  ],
  ["notes as a number", [{ op: "replace", path: "/details/notes", value: 5 }], "/details/notes"],
  [
    "a wrong enum value",
    [{ op: "replace", path: "/qualification", value: "Hot" }],
    "/qualification",
  ],
  [
    "a wrong consent",
    [{ op: "replace", path: "/consent/consentToContact", value: "yes" }],
    "/consent/consentToContact",
  ],
  ["a team that is no list", [{ op: "replace", path: "/team", value: member }], "/team"],
  ["a member that is no object", [{ op: "add", path: "/team/-", value: "Jane" }], "/team/1"],
  [
    "a wrong size",
    [{ op: "replace", path: "/customerProfile/size", value: "big" }],
    "/customerProfile/size",
  ],
  ["a status nobody knows", [{ op: "replace", path: "/status", value: "Paused" }], "/status"],
  ["a status that is unset", [{ op: "replace", path: "/status", value: "None" }], "/status"],
  [
    "a status without fitting substatus",
    [{ op: "replace", path: "/status", value: "Active" }],
    "/substatus",
  ],
  [
    "a substatus of another status",
    [{ op: "replace", path: "/substatus", value: "Won" }],
    "/substatus",
  ],
])("refused, and nothing changed: %s", async (_, operations, target) => {
  const simulator = await start();
  const before = truth(simulator);
  const first = { op: "replace", path: "/details/notes", value: "half a patch" };
  const body = Array.isArray(operations) ? [first, ...operations] : operations;
  const reply = await patch(simulator, body as never);
  expect(reply.status).toBe(400);
  expect(at(reply.body, "error/code")).toBe("invalidRequest");
  expect(at(reply.body, "error/target")).toBe(target);
  expect(truth(simulator)).toEqual(before);
});

test.each([
  ["12345678901234567890.12", "12345678901234567890.12"],
  ['"99999999999999999.99"', "99999999999999999.99"],
  ['"10000.00"', "10000"],
  ["0.1", "0.1"],
])("money %s comes back unrounded as %s", async (sent, expected) => {
  const simulator = await start();
  const body = `[{"op":"replace","path":"/details/dealValue","value":${sent}}]`;
  const reply = await call(simulator, "PATCH", REFERRAL, {
    headers: { prefer: "return=representation" },
    body,
  });
  expect(reply.text).toContain(`"dealValue":${expected},`);
  expect((await call(simulator, "GET", REFERRAL)).text).toContain(`"dealValue":${expected},`);
});

test("a long number in a text stays text", async () => {
  const simulator = await start();
  const value = 'order 12345678901234567890 "dealValue":"5"';
  await patch(simulator, [{ op: "replace", path: "/details/notes", value }]);
  expect(at(truth(simulator), "details/notes")).toBe(value);
});

test("becoming active sets the time of acceptance", async () => {
  const simulator = await start();
  const reply = await patch(simulator, [
    { op: "replace", path: "/status", value: "Active" },
    { op: "replace", path: "/substatus", value: "Accepted" },
  ]);
  expect(reply.body.acceptedDateTime).toBe(reply.body.updatedDateTime);
});

test("properties nobody documents can be written below a writable one, and are kept", async () => {
  const simulator = await start();
  await patch(simulator, [{ op: "add", path: "/details/forecast", value: { likely: true } }]);
  expect(at((await call(simulator, "GET", REFERRAL)).body, "details/forecast")).toEqual({
    likely: true,
  });
});
