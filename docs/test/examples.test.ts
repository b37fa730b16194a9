import { spawnSync } from "node:child_process";
import { type LocalStack, startLocalStack } from "@patchlane/local-stack";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { looksLike } from "./support/looks-like.ts";
import { type Block, blocksOf, readPage } from "./support/markdown.ts";
import { type PageRunner, pageRunner } from "./support/run-page.ts";
import { typeProblems } from "./support/type-problems.ts";

/** Languages that are something to run; everything else is to be read. */
const RUN = ["sh", "ts", "graphql"];
const hasCurl = spawnSync("curl", ["--version"]).status === 0;

let stack: LocalStack;
beforeAll(async () => {
  stack = await startLocalStack({
    referrals: 100,
    ratePerSecond: 200,
    simulatorArguments: ["--burst", "50"],
    workers: 1,
  });
  // As a reader finds it who did not start it this very second.
  await vi.waitFor(
    async () => {
      const answer = await fetch(new URL("/health/ready", stack.gatewayUrl));
      expect(await answer.json()).toMatchObject({ status: "ready" });
    },
    { timeout: 60_000, interval: 100 },
  );
});
afterAll(() => stack?.stop());

// What curl does is there for the programs behind it: without it none of a page can be run.
describe.skipIf(!hasCurl).each(["docs/quick-start.md", "docs/recipes.md"])("%s", async (path) => {
  const blocks = blocksOf(path, await readPage(path)).filter((block) =>
    RUN.includes(block.language),
  );
  let runner: PageRunner;
  beforeAll(async () => {
    runner = await pageRunner(stack);
  });
  afterAll(() => runner?.close());

  test("says why something is not run", () => {
    const reasons = blocks.flatMap(({ at, notRun }) =>
      notRun === undefined ? [] : [`${at}: ${notRun}`],
    );
    console.info(reasons.length === 0 ? `${path}: everything is run` : reasons.join("\n"));
    expect(blocks.length - reasons.length).toBeGreaterThan(reasons.length);
  });

  // In the order of the page: what one block did is there for the next.
  const run = blocks.filter(({ notRun }) => notRun === undefined);
  for (const block of run) {
    test(`${block.at} does what it says`, () => expectWhatItSays(runner, block));
  }
});

test("dev prints what the quick start says", async () => {
  const dev = blocksOf("docs/quick-start.md", await readPage("docs/quick-start.md")).find(
    ({ text }) => text.endsWith(" dev"),
  );
  const program = await readPage("apps/demo/src/dev-main.ts");
  const labels = [...(dev?.output ?? "").matchAll(/^ {2}(\S.*?) +(?:http|redis):/gm)];
  expect(labels.length).toBeGreaterThan(4);
  expect(labels.filter(([, label]) => !program.includes(`  ${label} `))).toEqual([]);
});

test("the TypeScript of the recipes has the types that the client has", async () => {
  const programs = blocksOf("docs/recipes.md", await readPage("docs/recipes.md")).filter(
    ({ language }) => language === "ts",
  );
  expect(programs.length).toBeGreaterThan(3);
  expect(await typeProblems(programs.map(({ text }) => text))).toBe("");
});

async function expectWhatItSays(runner: PageRunner, block: Block): Promise<void> {
  const printed = await runner.run(block);
  if (block.output !== undefined && !looksLike(block.output, printed)) {
    expect(printed, `${block.at} prints something else`).toBe(block.output);
  }
}
