import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test, vi } from "vitest";
import { cli, documentsOf, startCli } from "./support/cli.ts";
import { externalId, notesCsv } from "./support/rows.ts";
import { useStack } from "./support/stack.ts";
import { temporaryDirectory } from "./support/temporary-directory.ts";

// Each is a dozen processes.
vi.setConfig({ testTimeout: 240_000 });

const stack = useStack({
  referrals: 400,
  ratePerSecond: 100,
  simulatorArguments: ["--burst", "100"],
  workers: 1,
});

const patchlane = (...args: string[]) => cli(args, { url: stack().gatewayUrl });

/** Submits rows from standard input; answers the id. */
async function submit(csv: string, ...args: string[]): Promise<string> {
  const all = ["bulk", "submit", "-", "--format", "csv", ...args];
  const { stdout } = await cli(all, { url: stack().gatewayUrl, stdin: csv });
  return stdout.split("\n")[0] ?? "";
}

test("a file goes in, its failures come out, are corrected, and go in again", async () => {
  const directory = await temporaryDirectory();
  const url = stack().gatewayUrl;
  const run = (...args: string[]) => cli(args, { url, directory });
  const broken = `${notesCsv(1, 30, "first night")}CRM-unknown,x\n`;
  await writeFile(join(directory, "export.csv"), broken);

  const first = await run("bulk", "submit", "export.csv", "--label", "night", "--watch");
  const [id = "", line] = first.stdout.split("\n");
  expect(id).toMatch(/^blk_[0-9a-f]{32}$/);
  expect(line).toMatch(/^(RUNNING|COMPLETED_WITH_ERRORS) \d+\/31 /);
  expect(first.stdout).toContain(`${id}  COMPLETED_WITH_ERRORS  night`);
  expect(first.stdout).toContain("31 rows: 30 applied, 0 unchanged, 1 failed");
  expect(first.code).toBe(4);

  const results = await run("bulk", "results", id, "--state", "failed", "-o", "failed.csv");
  expect(results).toMatchObject({ code: 0, stdout: "" });
  const failed = await readFile(join(directory, "failed.csv"), "utf8");
  expect(failed.trimEnd().split("\n")).toHaveLength(2);
  expect(failed).toContain("REFERRAL_NOT_FOUND");

  await writeFile(join(directory, "failed.csv"), failed.replaceAll("CRM-unknown", externalId(31)));
  const second = await run("bulk", "submit", "failed.csv", "--watch", "--json");
  const seen = documentsOf(second);
  expect(new Set(seen.map((document) => document.id)).size).toBe(1);
  expect(seen.at(-1)).toMatchObject({ state: "COMPLETED", counts: { total: 1, applied: 1 } });
  expect(second.code).toBe(0);

  // Everything is as the file says now: nothing is written any more.
  const again = await run("bulk", "submit", "export.csv", "--watch", "--json");
  expect(documentsOf(again).at(-1)).toMatchObject({
    counts: { applied: 0, unchanged: 30, failed: 1 },
  });
});

test("a dry run says what the real run would take, and writes nothing", async () => {
  const csv = notesCsv(41, 50, "dry");
  const id = await submit(csv, "--dry-run", "--watch");
  const { stdout, code } = await patchlane("bulk", "status", id);
  expect(stdout).toContain("(dry run)");
  expect(stdout).toContain("10 rows: 10 would be applied, 0 unchanged, 0 would fail");
  expect(stdout).toMatch(/the real run: \d+ upstream calls, \d+s/);
  expect(code).toBe(0);
  const results = await patchlane("bulk", "results", id, "--json");
  expect(documentsOf(results)[0]).toMatchObject({ state: "APPLIED", attempts: 0 });
});

test("the same key and bytes are one bulk update, packed or not a file at all; other bytes are refused", async () => {
  const directory = await temporaryDirectory();
  const csv = notesCsv(51, 55, "key");
  await writeFile(
    join(directory, "rows.ndjson.gz"),
    gzipSync('{"externalReferenceId":"CRM-000001","changes":{"name":"packed"}}\n'),
  );
  const url = stack().gatewayUrl;
  const packed = await cli(["bulk", "submit", "rows.ndjson.gz", "--json", "--watch"], {
    url,
    directory,
  });
  expect(documentsOf(packed).at(-1)).toMatchObject({ state: "COMPLETED", counts: { total: 1 } });

  const id = await submit(csv, "--idempotency-key", "cli-bulk");
  expect(await submit(csv, "--idempotency-key", "cli-bulk")).toBe(id);
  const args = [
    "bulk",
    "submit",
    "-",
    "--format",
    "csv",
    "--idempotency-key",
    "cli-bulk",
    "--json",
  ];
  const other = await cli(args, { url, stdin: notesCsv(51, 55, "other") });
  expect(other.code).toBe(3);
  expect(documentsOf(other)).toMatchObject([
    { error: { code: "IDEMPOTENCY_MISMATCH", exitCode: 3 } },
  ]);
});

test("a file that is refused as a whole ends with 3 and the place", async () => {
  const args = ["bulk", "submit", "-", "--format", "csv", "--json"];
  const stdin = "referralId,details.dealvalue\nr-1,5\n";
  const ended = await cli(args, { url: stack().gatewayUrl, stdin });
  expect(ended.code).toBe(3);
  expect(documentsOf(ended)).toMatchObject([
    { error: { code: "INVALID_HEADER", line: 1, column: 2 } },
  ]);
  expect(ended.stderr).toContain("line 1: ");
  expect(ended.stderr).toContain("details.dealValue");
});

test("no such bulk update: 5 for every command that names one, and no file is left", async () => {
  const id = "blk_00000000000000000000000000000000";
  const directory = await temporaryDirectory();
  const output = join(directory, "out.csv");
  const commands = ["status", "watch", "retry", "pause", "resume", "cancel"].map((name) => [
    name,
    id,
  ]);
  for (const args of [...commands, ["results", id, "--output", output]]) {
    expect(await patchlane("bulk", ...args)).toMatchObject({ code: 5, stdout: "" });
  }
  await expect(readFile(output)).rejects.toThrow("ENOENT");
});

test("a reader that goes away ends the command, quietly", async () => {
  const id = await submit(notesCsv(60, 200, "x".repeat(2_000)), "--watch");
  const { child, ended } = startCli(["bulk", "results", id], { url: stack().gatewayUrl });
  child.stdout.once("data", () => child.stdout.destroy());
  expect(await ended).toMatchObject({ code: 141, stderr: "" });
});

test("paused, left with Ctrl-C, resumed, cancelled", async () => {
  const url = stack().gatewayUrl;
  await slowWrites();
  const id = await submit(notesCsv(1, 400, "steered"));
  const paused = await patchlane("bulk", "pause", id, "--json");
  expect(documentsOf(paused)).toMatchObject([{ id, state: "PAUSED" }]);

  const watching = startCli(["bulk", "watch", id], { url });
  await expect.poll(() => watching.stdout()).toContain("PAUSED");
  watching.child.kill("SIGINT");
  const left = await watching.ended;
  expect(left.code).toBe(130);
  expect(left.stderr).toContain(`patchlane bulk watch ${id}`);

  const resumed = await patchlane("bulk", "resume", id, "--json");
  expect(documentsOf(resumed)).toMatchObject([{ id, state: "RUNNING" }]);
  const cancelled = await patchlane("bulk", "cancel", id, "--watch");
  expect(cancelled.stdout).toMatch(/ cancelled\n/);
  expect(cancelled.code).toBe(4);
  expect(await patchlane("bulk", "pause", id)).toMatchObject({ code: 3, stdout: "" });
  await noFaults();

  const list = documentsOf(await patchlane("bulk", "list", "--limit", "1", "--json"));
  expect(list).toEqual([[expect.objectContaining({ id, state: "CANCELLED" })]]);
  expect((await patchlane("bulk", "list")).stdout).toMatch(/^ID +STATE +ROWS/);
});

test("failed rows are tried again in place once the cause is gone", async () => {
  await addFault({ kind: "status", status: 403, code: "accessDenied" });
  const id = await submit(notesCsv(1, 5, "tried again"), "--watch");
  expect(await patchlane("bulk", "status", id)).toMatchObject({
    code: 4,
    stdout: expect.stringContaining(`patchlane bulk retry ${id}`),
  });
  await noFaults();
  const retried = await patchlane("bulk", "retry", id, "--watch");
  expect(retried.stdout).toContain("5 rows: 5 applied, 0 unchanged, 0 failed");
  expect(retried.code).toBe(0);
});

test("a watch outlives the gateway's restart", async () => {
  const url = stack().gatewayUrl;
  await slowWrites();
  const id = await submit(notesCsv(1, 200, "restart"));
  await patchlane("bulk", "pause", id);
  const watching = startCli(["bulk", "watch", id, "--json"], { url });
  await expect.poll(() => watching.stdout()).toContain("\n");
  stack().gateway.signal("SIGKILL");
  await stack().gateway.exited;
  await stack().restartGateway();
  await noFaults();
  expect(await patchlane("bulk", "resume", id)).toMatchObject({ code: 0 });
  const ended = await watching.ended;
  expect(documentsOf(ended).at(-1)).toMatchObject({ state: "COMPLETED", counts: { total: 200 } });
  expect(ended.code).toBe(0);
});

test("a refused upload does not wait for the rest of standard input", async () => {
  const args = ["bulk", "submit", "-", "--format", "csv"];
  const { child, ended } = startCli(args, { url: stack().gatewayUrl });
  child.stdin.write(`referralId,no.such.field\n${"r-1,x\n".repeat(20_000)}`);
  expect(await ended).toMatchObject({ code: 3, stdout: "" });
});

/** What every PATCH upstream meets from now on. */
async function addFault(fault: Readonly<Record<string, unknown>>): Promise<void> {
  await fetch(`${stack().controlUrl}/faults`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ match: { method: "PATCH" }, fault }),
  });
}

/** So that there is something left to steer. */
function slowWrites(): Promise<void> {
  return addFault({ kind: "latency", ms: 1_000, when: "before" });
}

async function noFaults(): Promise<void> {
  await fetch(`${stack().controlUrl}/faults`, { method: "DELETE" });
}
