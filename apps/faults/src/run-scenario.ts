import { monitorEventLoopDelay } from "node:perf_hooks";
import { type LocalStack, startLocalStack } from "@patchlane/local-stack";
import { brokenPromises } from "./broken-promises.ts";
import { Gateway } from "./gateway.ts";
import { IN_FLIGHT_MS } from "./judge/calls.ts";
import { type Evidence, judge } from "./judge/verdict.ts";
import { seededRandom } from "./random.ts";
import { RATE, type Scenario, type ScenarioReport } from "./scenario.ts";
import { areAllFinal, untilSettled } from "./settled.ts";
import { Submitter } from "./submitter.ts";
import { Upstream } from "./upstream.ts";

const TROUBLE_MS = 15_000;
const SETTLE_TIMEOUT_MS = 120_000;
const LATE_MS = 30_000;
/** ms callers get to submit everything; only an engine that accepts nothing needs longer. */
const SUBMIT_TIMEOUT_MS = 180_000;
const DEFAULT_REFERRALS = 20;
/** Attempts that a process may have counted before it died, an update. */
const UNCOUNTED_ATTEMPTS = 3;

const STALL_RESOLUTION_MS = 10;
const NS_PER_MS = 1e6;

export interface RunOptions {
  /** Every line a process prints. */
  readonly onLine?: (process: string, line: string) => void;
  /** ms the trouble goes on after the last update was accepted, at most; default 15 s. */
  readonly troubleMs?: number;
  /** See `countCalls`. */
  readonly inFlightMs?: number;
}

/**
 * Runs one scenario against processes of its own and compares the outcome with what was promised. Whatever
 * happens, no process is left behind. Rejects when the stack does not start or the scenario itself fails.
 */
export async function runScenario(
  scenario: Scenario,
  seed: number,
  options: RunOptions = {},
): Promise<ScenarioReport> {
  const startedAt = performance.now();
  const stack = await startLocalStack({
    referrals: referralsOf(scenario),
    ratePerSecond: RATE,
    workers: 3,
    ...(options.onLine === undefined ? {} : { onLine: options.onLine }),
    ...scenario.stack,
    simulatorArguments: [
      ...["--burst", "20", "--seed", String(seed)],
      ...(scenario.stack?.simulatorArguments ?? []),
    ],
  });
  try {
    const play = await playOut(scenario, stack, seed, options.troubleMs ?? TROUBLE_MS);
    const verdict = judge(
      play.evidence,
      {
        mayFail: scenario.mayFail ?? false,
        hasForeignNotes: scenario.hasForeignNotes ?? false,
        uncountedAttempts: scenario.hurtsProcesses ? UNCOUNTED_ATTEMPTS : 0,
      },
      (options.inFlightMs ?? IN_FLIGHT_MS) + play.longestStallMs,
    );
    const { note, broken } = play;
    scenario.check?.({ note, broken }, play.evidence, verdict);
    return {
      name: scenario.name,
      seed,
      done: play.done,
      notes: play.notes,
      verdict,
      broken: [...brokenPromises(scenario, verdict), ...play.complaints],
      seconds: (performance.now() - startedAt) / 1000,
    };
  } finally {
    await stack.stop();
  }
}

function referralsOf({ load }: Scenario): number {
  return load?.referrals ?? DEFAULT_REFERRALS;
}

interface Play {
  readonly evidence: Evidence;
  readonly done: ReadonlyMap<string, number>;
  readonly notes: readonly string[];
  readonly complaints: readonly string[];
  /** The longest time this machine had no time for us: its processes may have been on their way that long. */
  readonly longestStallMs: number;
  note(what: string): void;
  broken(what: string): void;
}

/** Submission and trouble side by side, then peace until all is settled, then the evidence. */
async function playOut(
  scenario: Scenario,
  stack: LocalStack,
  seed: number,
  troubleMs: number,
): Promise<Play> {
  const upstream = new Upstream(stack.upstreamUrl, stack.controlUrl);
  const gateway = new Gateway(stack.gatewayUrl);
  const submitter = new Submitter(gateway, seed);
  const referralIds = await upstream.referralIds(referralsOf(scenario));
  await upstream.forgetRequests();
  const done = new Map<string, number>();
  const notes: string[] = [];
  const complaints: string[] = [];
  const did = (what: string, times = 1): void => {
    done.set(what, (done.get(what) ?? 0) + times);
  };
  const note = (what: string): void => {
    notes.push(what);
  };
  const broken = (what: string): void => {
    complaints.push(what);
  };

  const stalls = monitorEventLoopDelay({ resolution: STALL_RESOLUTION_MS });
  stalls.enable();
  let isGoingOn = true;
  let mayGoOn = true;
  const endTrouble = (): void => {
    isGoingOn = false;
  };
  const giveUp = (): void => {
    endTrouble();
    mayGoOn = false;
  };
  const tooLate = setTimeout(giveUp, SUBMIT_TIMEOUT_MS);
  const submitted = submitter.submit(referralIds, scenario.load ?? {}, () => mayGoOn);
  const settledOnce = submitted
    .then(() => untilSettled(gateway, submitter.accepted, troubleMs))
    .finally(endTrouble);
  const trouble = scenario.trouble?.({
    ...{ stack, upstream, gateway, submitter, referralIds, submitted, did, note, broken },
    ...{ random: seededRandom(seed), isGoingOn: () => isGoingOn },
  });
  trouble?.catch(giveUp);
  await allOver([settledOnce, trouble]);
  clearTimeout(tooLate);
  if (!mayGoOn) {
    broken(`not everything was accepted within ${SUBMIT_TIMEOUT_MS / 1000} s`);
  }
  if (!scenario.isLasting) {
    await upstream.behave();
  }

  const { settleWithinMs = SETTLE_TIMEOUT_MS } = scenario;
  let fates = await untilSettled(gateway, submitter.accepted, settleWithinMs);
  if (!areAllFinal(submitter.accepted, fates)) {
    broken(`not all settled ${settleWithinMs / 1000} s after the trouble`);
    fates = await untilSettled(gateway, submitter.accepted, LATE_MS); // late, or never?
  }
  stalls.disable();
  await upstream.behave();
  const truth = await upstream.referrals(referralIds);
  const requests = await upstream.requests();
  for (const [what, times] of upstream.struck) {
    did(what, times);
  }
  if (submitter.unanswered > 0) {
    did("submissions unanswered", submitter.unanswered);
  }
  const { accepted } = submitter;
  return {
    ...{ evidence: { accepted, fates, truth, requests }, done, notes, complaints, note, broken },
    longestStallMs: stalls.max / NS_PER_MS,
  };
}

/** Waits for all, also when one fails: nothing goes on behind the back of who stops the stack. */
async function allOver(parts: readonly (Promise<unknown> | undefined)[]): Promise<void> {
  for (const result of await Promise.allSettled(parts)) {
    if (result.status === "rejected") {
      throw result.reason;
    }
  }
}
