import { expect, test } from "vitest";
import { cli, documentsOf } from "./support/cli.ts";
import { useStack } from "./support/stack.ts";

const stack = useStack({ ratePerSecond: 100, simulatorArguments: ["--burst", "20"], workers: 1 });

/** The simulator's first referral. */
const REFERRAL = "61c65491-2f2c-461a-84b4-3654499bc1d9";

const patchlane = (...args: string[]) => cli(args, { url: stack().gatewayUrl });

test("an update is applied: 0, and says what was sent", async () => {
  const { code, stdout, stderr } = await patchlane(
    ...["update", REFERRAL, "--set", "details.dealValue=10000.50", "--set", "details.notes=hello"],
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^upd_\w+ {2}APPLIED\n/);
  expect(stdout).toContain('replace /details/dealValue = "10000.50"');
});

test("--json is one document; a dry run has the patch and no update", async () => {
  const args = ["update", REFERRAL, "--changes", "@-", "--dry-run", "--json"];
  const stdin = '{"details": {"dealValue": 12345678901234567.89}}';
  const ended = await cli(args, { url: stack().gatewayUrl, stdin });
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  expect(documentsOf(ended)).toEqual([
    {
      update: null,
      patch: [{ op: "replace", path: "/details/dealValue", value: "12345678901234567.89" }],
    },
  ]);
});

test("an update that is not waited for can be asked about", async () => {
  const sent = await patchlane(
    "update",
    REFERRAL,
    "--set",
    "name=New name",
    "--wait",
    "0",
    "--json",
  );
  const [{ update } = {}] = documentsOf(sent);
  const { id } = update as { id: string };
  expect(sent.code).toBe(0);
  await expect
    .poll(async () => documentsOf(await patchlane("status", id, "--json"))[0]?.state)
    .toBe("APPLIED");
  expect(await patchlane("status", "upd_unknown")).toMatchObject({ code: 5, stdout: "" });
});

test("an update that FAILED ends with 4 and its reason", async () => {
  const ended = await patchlane("update", "no-such-referral", "--set", "name=x");
  expect(ended.code).toBe(4);
  expect(ended.stdout).toContain("REFERRAL_NOT_FOUND");
});

test("what the gateway refuses ends with 3, every finding, and nothing was accepted", async () => {
  const patch =
    '[{"op":"replace","path":"/eTag","value":1},{"op":"replace","path":"/x","value":1}]';
  const ended = await patchlane("update", REFERRAL, "--patch", patch, "--json");
  expect(ended.code).toBe(3);
  const [{ error } = {}] = documentsOf(ended);
  expect(error).toMatchObject({
    code: "INVALID_INPUT",
    exitCode: 3,
    issues: [{ path: "/patch/0/path" }, { path: "/patch/1/path" }],
  });
  expect(ended.stderr).toMatch(/\/patch\/0\/path: .*\n.*\/patch\/1\/path: /s);
});

test("the same key with another input is refused, with what to do", async () => {
  const args = ["update", REFERRAL, "--idempotency-key", "cli-1", "--set"];
  expect((await patchlane(...args, "name=One")).code).toBe(0);
  expect((await patchlane(...args, "name=One")).code).toBe(0);
  const { code, stderr } = await patchlane(...args, "name=Two");
  expect(code).toBe(3);
  expect(stderr).toContain("use another --idempotency-key");
});

test("transitions and queue, for people and for programs", async () => {
  expect(await patchlane("transitions", "active")).toEqual({
    code: 0,
    stdout: expect.stringContaining("Closed/Won\n"),
    stderr: "",
  });
  const transitions = documentsOf(await patchlane("transitions", "New", "Received", "--json"));
  expect(transitions).toEqual([
    expect.arrayContaining([{ status: "Active", substatus: "Accepted" }]),
  ]);
  expect((await patchlane("queue")).stdout).toContain("updates waiting");
  expect(documentsOf(await patchlane("--json", "queue"))).toMatchObject([{ paused: false }]);
});

test("a referral, the list it is in, its updates and the audit trail, for people and for programs", async () => {
  const notes = "for the list of updates";
  const [{ update } = {}] = documentsOf(
    await patchlane("update", REFERRAL, "--set", `details.notes=${notes}`, "--json"),
  );
  const { id } = update as { id: string };

  const [referral] = documentsOf(await patchlane("referral", "get", REFERRAL, "--json"));
  expect(referral).toMatchObject({ id: REFERRAL, details: { notes }, raw: { id: REFERRAL } });
  const shown = await patchlane("referral", "get", REFERRAL);
  expect(shown.code).toBe(0);
  expect(shown.stdout).toContain(`notes ${notes}`);
  expect(await patchlane("referral", "get", "no-such-referral")).toMatchObject({ code: 5 });

  const list = ["referral", "list", "--order-by", "updatedDateTime desc", "--limit"];
  expect(documentsOf(await patchlane(...list, "1", "--json"))).toMatchObject([[{ id: REFERRAL }]]);
  const table = (await patchlane(...list, "3")).stdout.trimEnd().split("\n");
  expect(table).toHaveLength(4);
  expect(table[1]).toContain(REFERRAL);
  const refused = await patchlane("referral", "list", "--filter", "name eq");
  expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code: 3, stdout: "" });

  const updates = await patchlane("referral", "updates", REFERRAL, "--limit", "1");
  expect(updates.stdout).toMatch(new RegExp(`${id} +APPLIED +\\S+ \\S+ +dev +/details/notes`));
  expect(await patchlane("referral", "updates", "no-such-referral")).toMatchObject({ code: 5 });
  const audit = documentsOf(await patchlane("audit", "--referral", REFERRAL, "--json"));
  expect(audit).toMatchObject([
    expect.arrayContaining([expect.objectContaining({ updateId: id, submittedBy: "dev" })]),
  ]);
});
