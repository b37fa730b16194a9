import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cli, documentsOf } from "./support/cli.ts";
import { temporaryDirectory } from "./support/temporary-directory.ts";

const BULK_ID = "blk_019aa0f6c4c27d0f8c5b4d3e2f1a0b9c";

describe("a command line that cannot be used ends with 2 and says what to do", () => {
  test.each([
    [["sumbit"], "unknown command 'sumbit'"],
    [["bulk", "sbmit", "x.csv"], "(Did you mean submit?)"],
    [["bulk", "list", "--limt", "3"], "(Did you mean --limit?)"],
    [["bulk", "list", "--limit", "0"], "Expected a whole number from 1 to 1000."],
    [["bulk", "submit"], "missing required argument 'file'"],
    [["bulk", "submit", "-"], "Add --format csv or --format ndjson."],
    [["bulk", "submit", "no-such-file.csv"], "there is no file"],
    [["bulk", "submit", "rows.xlsx"], "does not tell whether it is CSV or NDJSON"],
    [["bulk", "submit", "x.csv", "--format", "cvs"], "Choose one of csv, ndjson."],
    [["bulk", "results", BULK_ID, "--state", "FAILD"], "Did you mean FAILED?"],
    [["transitions", "Activ"], "Did you mean Active?"],
    [["update", "r-1"], "nothing to change"],
    [["update", "r-1", "--wait", "31000", "--set", "name=x"], "from 0 to 30000"],
    [["update", "r-1", "--set", "details.dealvalue=1"], "Did you mean details.dealValue?"],
    [["update", "r-1", "--set", "dealValue=1"], "Did you mean details.dealValue?"],
    [["update", "r-1", "--set", "details=1"], "that is a group of fields"],
    [["update", "r-1", "--set", "name"], "expected FIELD=VALUE"],
    [["update", "r-1", "--set", "name=a", "--set", "name=b"], "given twice"],
    [["update", "r-1", "--set", "status=Clozed"], "Did you mean Closed?"],
    [["update", "r-1", "--set", "consent.consentToContact=yes"], "expected true or false"],
    [["update", "r-1", "--set", "team.add=jane"], "expected a JSON list"],
    [["update", "r-1", "--changes", "{name:1}"], "--changes is not valid JSON"],
    [["update", "r-1", "--changes", "@no-such.json"], "cannot be read (ENOENT)"],
    [["update", "r-1", "--changes", "[]"], "must be a JSON object"],
    [["update", "r-1", "--patch", "[]", "--set", "name=x"], "cannot be combined"],
    [["referral", "list", "--status", "Clozed"], "Did you mean Closed?"],
    [["audit", "--limit", "1001"], "Expected a whole number from 1 to 1000."],
    [["queue", "--url", "localhost:4000"], "must begin with http:// or https://"],
    [["queue", "--config", "no-such.json"], "there is no config file"],
    [["queue", "--token-file", "no-such"], "cannot be read (ENOENT)"],
  ])("%j", async (args, words) => {
    const { code, stdout, stderr } = await cli(args);
    expect(stderr).toContain(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });
});

test("no command is the help, on standard error, with 2", async () => {
  for (const args of [[], ["bulk"]]) {
    const { code, stdout, stderr } = await cli(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("Commands:");
  }
});

test("with --json a usage error is one document, too", async () => {
  const ended = await cli(["bulk", "list", "--limit", "x", "--json"]);
  expect(ended.code).toBe(2);
  expect(documentsOf(ended)).toEqual([
    { error: { code: "USAGE", message: expect.stringContaining("whole number"), exitCode: 2 } },
  ]);
});

describe("help suffices", () => {
  const COMMANDS = [
    ["update"],
    ["status"],
    ["transitions"],
    ["queue"],
    ["audit"],
    ...["get", "list", "updates"].map((name) => ["referral", name]),
    ...["submit", "status", "watch", "results", "retry", "pause", "resume", "cancel", "list"].map(
      (name) => ["bulk", name],
    ),
  ];
  test.each(COMMANDS.map((words) => [words.join(" "), words] as const))("%s", async (_, words) => {
    const { code, stdout } = await cli([...words, "--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: patchlane ${words.join(" ")}`);
    expect(stdout).toMatch(/Examples?:\n {2}/);
    expect(stdout).toContain("--url <url>");
  });

  test("the whole: every command, settings and exit codes", async () => {
    const { code, stdout } = await cli(["--help"]);
    expect(code).toBe(0);
    for (const word of [
      "update",
      "bulk",
      "PATCHLANE_URL",
      "patchlane.config.json",
      "Exit codes:",
    ]) {
      expect(stdout).toContain(word);
    }
  });
});

test("--version is the package's", async () => {
  expect(await cli(["--version"])).toMatchObject({ code: 0, stdout: "0.1.0\n" });
});

test("a config file with a name it does not know is refused, with the one that was meant", async () => {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, "patchlane.config.json"), '{"tokenfile":"x"}');
  const { code, stderr } = await cli(["queue"], { directory });
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringContaining("Did you mean tokenFile?"),
  });
});
