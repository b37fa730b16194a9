import type { Scenario, Stage } from "../scenario.ts";
import { sleep } from "../sleep.ts";
import { WRITES } from "./answers.ts";

const OUTAGE_MS = 60_000;
/** ms an engine gets to notice that the upstream is down. */
const NOTICE_MS = 15_000;
/** Calls a second that count as probing; more is knocking at a closed door. */
const PROBES_PER_SECOND = 2;

/** The upstream is there, and answers nobody. */
export const outageScenarios: readonly Scenario[] = [
  {
    name: "503 for everybody for a minute",
    load: { pauseMs: 200 },
    trouble: (stage) => outage(stage, {}),
  },
  {
    name: "503 for every write for a minute",
    load: { pauseMs: 200 },
    trouble: (stage) => outage(stage, WRITES),
  },
];

async function outage(
  { upstream, did, note, broken }: Stage,
  match: Readonly<Record<string, unknown>>,
): Promise<void> {
  await sleep(500);
  await upstream.misbehave({
    match,
    fault: { kind: "status", status: 503, retryAfter: "absent" },
  });
  await sleep(NOTICE_MS);
  const before = await upstream.state();
  await sleep(OUTAGE_MS - NOTICE_MS);
  const after = await upstream.state();
  await upstream.behave();
  did("outage of a minute");
  const seconds = (after.uptimeMs - before.uptimeMs) / 1000;
  const perSecond = (after.counters.total - before.counters.total) / seconds;
  note(`${perSecond.toFixed(1)} calls/s while it was down`);
  // When reads are answered the upstream is not down for everybody: each update backs off by itself.
  if (match.method === undefined && perSecond > PROBES_PER_SECOND) {
    broken(`${perSecond.toFixed(1)} calls/s while the upstream was down: more than probing`);
  }
}
