import { parseArgs } from "node:util";
import { BENCHMARKS } from "./benchmarks.ts";
import { terminalText } from "./report/markdown.ts";
import { type Destination, REPOSITORY, store, writePage } from "./report/results.ts";
import { runBenchmark } from "./report/run-benchmark.ts";

const USAGE = `bench [name …] [--quick] [--out FOLDER]

Runs the named benchmarks, or all of them, one after the other, and writes bench/results/<name>.json and docs/benchmarks.md.

  --quick       a few minutes in all; written nowhere unless --out says where
  --out FOLDER  results and benchmarks.md go there instead
  --render      runs nothing; writes the page anew from the results that are there

${BENCHMARKS.map(({ name, title }) => `  ${name.padEnd(16)} ${title}`).join("\n")}
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean" },
    out: { type: "string" },
    render: { type: "boolean" },
    help: { type: "boolean" },
  },
});
const unknown = positionals.filter((word) => !BENCHMARKS.some(({ name }) => name === word));
if (values.help || unknown.length > 0) {
  console.error(unknown.length > 0 ? `no benchmark is called ${unknown.join(", ")}\n` : "");
  console.error(USAGE);
  process.exit(unknown.length > 0 ? 2 : 0);
}

const destination: Destination | undefined =
  values.out !== undefined
    ? { folder: values.out, page: `${values.out}/benchmarks.md` }
    : values.quick
      ? undefined
      : REPOSITORY;
if (values.render) {
  await writePage(BENCHMARKS, destination ?? REPOSITORY);
  process.exit(0);
}
const chosen = BENCHMARKS.filter(
  ({ name }) => positionals.length === 0 || positionals.includes(name),
);
for (const benchmark of chosen) {
  console.log(`\n${benchmark.title}\n`);
  const result = await runBenchmark(benchmark, values.quick ? "quick" : "full", (line) =>
    console.log(`  ${line}`),
  );
  console.log(`\n${terminalText(result.findings)}`);
  if (destination !== undefined) {
    await store(result, BENCHMARKS, destination); // after each: one that fails later loses nothing
  }
}
