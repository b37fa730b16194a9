import { FINDING_KINDS, type FindingKind } from "./judge/findings.ts";
import type { Verdict } from "./judge/verdict.ts";
import type { Scenario } from "./scenario.ts";

/** Examples told of each kind of finding. */
const EXAMPLES = 2;

const NAMES: Readonly<Record<FindingKind, string>> = {
  lost: "lost",
  doubled: "doubled",
  outOfOrder: "out of order",
  wrongFate: "with the wrong fate",
  traces: "failed but written",
  misfolded: "with a wrong mergedWith",
  miscounted: "with wrong attempts",
};

/** The promises every scenario holds the engine to, as sentences about how they were broken. */
export function brokenPromises(scenario: Scenario, verdict: Verdict): string[] {
  const broken = FINDING_KINDS.flatMap((kind) => {
    const found = verdict.findings.filter((finding) => finding.kind === kind);
    const examples = found.slice(0, EXAMPLES).map(({ what }) => what);
    return found.length === 0 ? [] : [`${found.length} ${NAMES[kind]}: ${examples.join("; ")}`];
  });
  const { mostAtOnce = 1 } = scenario;
  if (verdict.mostAtOnce > mostAtOnce) {
    broken.push(`${verdict.mostAtOnce} writes of one referral at once`);
  }
  const { untimely, untimelyAfterMs } = verdict.calls;
  if (untimely > 0) {
    broken.push(
      `${untimely} calls inside a Retry-After, up to ${untimelyAfterMs.toFixed(0)} ms in`,
    );
  }
  return broken;
}
