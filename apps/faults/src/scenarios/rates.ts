import { RATE, type Scenario, type Stage } from "../scenario.ts";
import { sleep } from "../sleep.ts";

/** Share of calls that may be refused at the configured rate: jitter of a busy machine, nothing else. */
const MOST_REFUSED = 0.01;
/** Drain time over the ideal one: 1.06 on a quiet machine; this one may do other things as well. */
const MOST_OVER_IDEAL = 1.5;
/** Of a hidden limit, once the engine has settled. */
const LEAST_USED = 0.9;
const MEASURE_MS = 25_000;
const COLD_SHARE = 0.2;

/** What the upstream allows after another, and ms the engine gets to find out. */
const HIDDEN_LIMITS = [
  { rate: 40, settleMs: 20_000 },
  { rate: 25, settleMs: 20_000 },
  { rate: 50, settleMs: 30_000 },
];
/** One update a referral, so that each costs a call; enough to keep busy until the last measurement. */
const HIDDEN_UPDATES = 5_000;

/** The pace: at the configured rate, and at a limit nobody told us. */
export const rateScenarios: readonly Scenario[] = [
  ...(["token-bucket", "sliding-window"] as const).flatMap((limiter) =>
    [1, 3].map((workers): Scenario => drain(limiter, workers)),
  ),
  {
    name: "a hidden limit below the configured rate, which then changes",
    stack: {
      ratePerSecond: HIDDEN_LIMITS[0]?.rate ?? RATE,
      settings: { PARTNER_CENTER_RATE: String(RATE) },
      simulatorArguments: ["--burst", "5"],
    },
    load: { referrals: HIDDEN_UPDATES, updates: HIDDEN_UPDATES, appendShare: 0 },
    async trouble(stage) {
      for (const { rate, settleMs } of HIDDEN_LIMITS) {
        await stage.upstream.limit({ rate });
        stage.did("limits");
        await sleep(settleMs);
        await measure(stage, rate);
      }
      await stage.upstream.limit({ limiter: "none" });
    },
  },
];

async function measure({ upstream, note, broken }: Stage, rate: number): Promise<void> {
  const before = await upstream.state();
  await sleep(MEASURE_MS);
  const after = await upstream.state();
  const seconds = (after.uptimeMs - before.uptimeMs) / 1000;
  const calls = after.counters.total - before.counters.total;
  const refused = after.counters.throttled - before.counters.throttled;
  const used = (calls - refused) / (rate * seconds);
  const refusedShare = calls === 0 ? 0 : refused / calls;
  const text = `${percent(used)} of ${rate}/s used, ${percent(refusedShare)} refused`;
  note(text);
  if (used < LEAST_USED || refusedShare >= MOST_REFUSED) {
    broken(`after settling: ${text}`);
  }
}

/** One update a referral waits before the workers start: the drain is never short of work. */
function drain(limiter: string, workers: number): Scenario {
  return {
    name: `${limiter} at the configured rate, ${workers} ${workers === 1 ? "worker" : "workers"}`,
    stack: { workers: 0, simulatorArguments: ["--limiter", limiter, "--burst", "10"] },
    load: { referrals: 1_000, updates: 1_000, appendShare: 0 },
    async trouble({ stack, submitted }) {
      await submitted;
      await Promise.all(Array.from({ length: workers }, () => stack.startWorker()));
    },
    check({ note, broken }, { requests }) {
      // Starting processes shakes the first calls; the pace is that of the others.
      const warm = requests.slice(requests.length * COLD_SHARE);
      const seconds = ((warm.at(-1)?.startMs ?? 0) - (warm[0]?.startMs ?? 0)) / 1000;
      const overIdeal = seconds / ((warm.length - 1) / RATE);
      const refused = warm.filter(({ status }) => status === 429).length;
      note(`${overIdeal.toFixed(2)} times the ideal time, ${refused} refused`);
      if (refused > warm.length * MOST_REFUSED) {
        broken(`${refused} of ${warm.length} calls refused at the configured rate`);
      }
      if (overIdeal > MOST_OVER_IDEAL) {
        broken(`the drain took ${overIdeal.toFixed(2)} times the ideal time`);
      }
    },
  };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
