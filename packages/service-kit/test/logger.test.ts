import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { expect, test } from "vitest";
import { describeError, logSometimes, onlyAllowed, withFields } from "../src/index.ts";

const CANARY = "jane.canary@contoso.com";

test("only fields on the list are logged", () => {
  const kept = onlyAllowed({
    referralId: "r-1",
    status: 412,
    updateIds: ["upd_1"],
    attempts: 0,
    email: CANARY,
    patch: [{ value: CANARY }],
    authorization: `Bearer ${CANARY}`,
    body: CANARY,
    message: CANARY,
    req: { headers: { authorization: CANARY } },
  });
  expect(kept).toEqual({ referralId: "r-1", status: 412, updateIds: ["upd_1"], attempts: 0 });
});

test("what stands in a listed field and looks like a person, or is no plain value, is withheld", () => {
  const kept = onlyAllowed({
    reason: `no ${CANARY} today`,
    code: { toString: () => CANARY },
    updateIds: ["upd_1", CANARY, { id: CANARY }],
    referralId: "r".repeat(10_000),
    error: Object.assign(new Error(), { name: CANARY, code: CANARY }),
  });
  expect(JSON.stringify(kept)).not.toContain("canary");
  expect(kept).toMatchObject({
    reason: "(withheld)",
    code: "(withheld)",
    updateIds: ["upd_1", "(withheld)", "(withheld)"],
    referralId: "r".repeat(512),
  });
});

test("fields of a request are on every line of it, redacted like the others", () => {
  const lines: string[] = [];
  const log = pino(
    { formatters: { log: onlyAllowed } },
    { write: (line: string) => void lines.push(line) },
  );
  const own = withFields(log, { requestId: "request-1", email: CANARY });
  own.info({ count: 1 }, "a");
  own.warn({ reason: "b" }, "b");
  own.error({ error: new Error(CANARY) }, "c");
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { requestId: "request-1", count: 1, msg: "a" },
    { requestId: "request-1", reason: "b", msg: "b" },
    { requestId: "request-1", error: { name: "Error" }, msg: "c" },
  ]);
  expect(lines.join()).not.toContain("canary");
});

test("an error is logged by class, code, place and cause, never by what it says", () => {
  const cause = Object.assign(new TypeError(`cannot read ${CANARY}`), {
    code: "ERR_X",
    input: CANARY,
  });
  const error = Object.assign(new Error(`${CANARY}\n    second line ${CANARY}`, { cause }), {
    code: 7,
    token: CANARY,
  });
  const described = describeError(error);
  expect(described).toMatchObject({ name: "Error", cause: { name: "TypeError", code: "ERR_X" } });
  expect(described.stack).toEqual(
    expect.arrayContaining([expect.stringContaining("logger.test.ts")]),
  );
  expect(described).not.toHaveProperty("code");
  expect(JSON.stringify(described)).not.toContain("canary");
});

test("an error whose message looks like a stack does not get its message out", () => {
  const described = describeError(new Error(`oops\n    at ${CANARY} is not allowed`));
  expect(JSON.stringify(described)).not.toContain("canary");
});

test.each([CANARY, { email: CANARY }, null, undefined, 7])(
  "something thrown that is no error is logged by its type alone",
  (thrown) => {
    expect(describeError(thrown)).toEqual({ name: typeof thrown });
  },
);

test("`err` is treated like `error`", () => {
  expect(onlyAllowed({ err: new RangeError(CANARY) })).toEqual({
    error: expect.objectContaining({ name: "RangeError" }),
  });
});

test("the process's log lines are JSON on stdout, with level, name and time, and redacted", async () => {
  const program = `
    import { createLogger } from "@patchlane/service-kit";
    const log = createLogger("gateway", "warn");
    log.info({ referralId: "not logged" }, "below the level");
    log.warn({ referralId: "r-1", email: ${JSON.stringify(CANARY)}, error: new Error(${JSON.stringify(CANARY)}) }, "something");
    log.error({ updateId: "upd_1", password: ${JSON.stringify(CANARY)} }, "and another");
  `;
  const child = spawn(
    process.execPath,
    ["--conditions=@patchlane/source", "--input-type=module", "--eval", program],
    { cwd: fileURLToPath(new URL("..", import.meta.url)), stdio: ["ignore", "pipe", "inherit"] },
  );
  const [output] = await Promise.all([text(child.stdout), once(child, "exit")]);
  const lines = output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines).toMatchObject([
    {
      level: "warn",
      name: "gateway",
      msg: "something",
      referralId: "r-1",
      error: { name: "Error" },
    },
    { level: "error", name: "gateway", msg: "and another", updateId: "upd_1" },
  ]);
  expect(Date.parse(String(lines[0]?.time))).not.toBeNaN();
  expect(output).not.toContain("canary");
});

test("trouble of one kind is said once in a while, of another kind at once", () => {
  const lines: string[] = [];
  const say = logSometimes(pino({}, { write: (line: string) => void lines.push(line) }), "trouble");
  const refused = Object.assign(new Error("a"), { code: "ECONNREFUSED" });
  for (let time = 0; time < 5; time += 1) {
    say(refused);
  }
  say(Object.assign(new Error("b"), { code: "ETIMEDOUT" }));
  expect(lines).toHaveLength(2);
});
