import type { Benchmark, Size } from "../report/benchmark.ts";
import { bundles } from "./bundle-table.ts";
import { emittedTable, lookAtAll, neighbourGoal } from "./emitted-table.ts";
import { measureLibraries } from "./measure-libraries.ts";
import { speedGoal, speedTables } from "./speed.ts";

const SIZES: Readonly<Record<Size, { readonly rounds: number; readonly sampleMs: number }>> = {
  full: { rounds: 7, sampleMs: 100 },
  quick: { rounds: 3, sampleMs: 50 },
  test: { rounds: 1, sampleMs: 1 },
};

export const library: Benchmark = {
  name: "library",
  title: "The patch library",
  method: `\`referral-patch\` against the three JSON Patch libraries one would take instead, on a referral of 2.9 kB with 96 values:
\`fast-json-patch\` (\`compare\`, \`validate\`, \`applyPatch\`), \`rfc6902\` (\`createPatch\`, \`applyPatch\`) and \`just-diff\` with \`just-diff-apply\` (\`diff\`,
\`diffApply\`, both with the converter they bring for JSON Patch paths). All as their READMEs show, no options: none has one for matching list members
by a key.

Before and after are parsed from texts of their own, so that no part is shared and every text is compared; 16 different pairs of each case, in turn.
Each library runs in a process of its own in every round, all its cases warm before the first is measured, so that none lives with
what another left in the heap or in the compiler's feedback; every result is used. A round's figure is the median of twenty slices of 5 ms.

They do not all promise the same. \`diffReferrals\` also checks every value it writes, the status's transition and the patch's size, and \`validatePatch\`
paths, values and limits against the table of the resource, copying what it takes; \`validate\` of \`fast-json-patch\` looks at the
shape of operations, and given a document at whether they apply. \`applyPatch\` of ours never changes its input, shares what did not change, and
checks each operation; \`fast-json-patch\` is told \`mutateDocument = false\`, without its validation; the other two apply in place only, and get a
clone through JSON text first, the fastest there is. \`build\`: ours from the changes and the referral, checking the changes first unless they have been;
the rivals check nothing and compare the referral with a copy that shares what did not change, which they skip. \`merge\`: two patches as one; the rivals need the referral for it, apply
both and compare.`,
  rivals: ["fast-json-patch", "rfc6902", "just-diff", "just-diff-apply", "esbuild", "zod"],
  async run({ size, say }) {
    const { rounds, sampleMs } = SIZES[size];
    const emitted = await lookAtAll();
    const bundled = await bundles();
    const samples = await measureLibraries(rounds, sampleMs, say);
    return {
      rounds,
      tables: [...speedTables(samples), emittedTable(emitted), bundled.table],
      goals: [speedGoal(samples), neighbourGoal(emitted), bundled.goal],
    };
  },
};
