import { readFileSync, writeFileSync } from "node:fs";
import { printSdl } from "./schema/print-schema.ts";
import { schemaChanges } from "./schema/schema-changes.ts";

/*
 * Compares what is served with what was published. Ends with 1 when something breaks callers. With --publish it writes what is
 * served down as published; what breaks callers only with --breaking as well.
 */

const PUBLISHED = new URL("../schema.published.graphql", import.meta.url);

const options = process.argv.slice(2);
const served = printSdl();
const { breaking, dangerous, safe } = schemaChanges(readFileSync(PUBLISHED, "utf8"), served);
const say = (text: string): unknown => process.stdout.write(`${text}\n`);

for (const [kind, changes] of Object.entries({ breaking, dangerous, safe })) {
  say(`${changes.length} ${kind}`);
  for (const change of changes) {
    say(`  ${change}`);
  }
}
const isAllowed = breaking.length === 0 || options.includes("--breaking");
if (!isAllowed) {
  say("What callers rely on would break. See docs/decisions/0012-published-schema.md.");
  process.exitCode = 1;
} else if (options.includes("--publish")) {
  writeFileSync(PUBLISHED, served);
  say("Written down as published.");
}
