import { monitorEventLoopDelay } from "node:perf_hooks";
import { type LocalStack, startLocalStack } from "@patchlane/local-stack";
import { brokenPromises } from "./broken-promises.ts";
import { BulkCallers } from "./bulk/bulk-callers.ts";
import { type CallbackReceiver, startCallbackReceiver } from "./bulk/callback-receiver.ts";
import { Gateway, type UpdateFate } from "./gateway.ts";
import { IN_FLIGHT_MS } from "./judge/calls.ts";
import { type Evidence, judge } from "./judge/verdict.ts";
import type { Load } from "./load.ts";
import { seededRandom } from "./random.ts";
import { RATE, type Scenario, type ScenarioReport, type Stage } from "./scenario.ts";
import { areAllFinal, untilSettled } from "./settled.ts";
import { sleep } from "./sleep.ts";
import { Submitter } from "./submitter.ts";
import { Upstream } from "./upstream.ts";

const TROUBLE_MS = 15_000;
const SETTLE_TIMEOUT_MS = 120_000;
const LATE_MS = 30_000;
/** ms callers get to submit everything; only an engine that accepts nothing needs longer. */
const SUBMIT_TIMEOUT_MS = 180_000;
const DEFAULT_REFERRALS = 20;
const DEFAULT_BULK_REFERRALS = 400;
/** ms after the end of a bulk update in which it is to be told. */
const CALLBACK_MS = 60_000;
/** Attempts that a process may have counted before it died, an update. */
const UNCOUNTED_ATTEMPTS = 3;

/** ms between two looks at the bulk updates. */
const WATCH_EVERY_MS = 200;
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
  const receiver = scenario.bulk?.hasCallback ? await startCallbackReceiver() : undefined;
  const stack = await startLocalStack({
    referrals: referralsOf(scenario),
    ratePerSecond: RATE,
    workers: 3,
    ...(options.onLine === undefined ? {} : { onLine: options.onLine }),
    ...scenario.stack,
    settings: { ...scenario.stack?.settings, ...receiver?.settings },
    simulatorArguments: [
      ...["--burst", "20", "--seed", String(seed)],
      ...(scenario.stack?.simulatorArguments ?? []),
    ],
  });
  try {
    const play = await playOut(scenario, stack, seed, options.troubleMs ?? TROUBLE_MS, receiver);
    const verdict = judge(
      play.evidence,
      {
        mayFail: scenario.mayFail ?? false,
        mayCancel: scenario.mayCancel ?? false,
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
    await receiver?.close();
  }
}

/** Those of single updates, and beside them, or before and among them, those of bulk updates. */
function referralsOf({ load, bulk }: Scenario): number {
  const single = load?.referrals ?? DEFAULT_REFERRALS;
  const ofBulk = bulk === undefined ? 0 : (bulk.referrals ?? DEFAULT_BULK_REFERRALS);
  return bulk?.isShared ? Math.max(single, ofBulk) : single + ofBulk;
}

function loadOf({ load, bulk }: Scenario): Load {
  return load ?? (bulk === undefined ? {} : { updates: 0 });
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
  receiver: CallbackReceiver | undefined,
): Promise<Play> {
  const upstream = new Upstream(stack.upstreamUrl, stack.controlUrl);
  const gateway = new Gateway(stack.gatewayUrl);
  const submitter = new Submitter(gateway, seed);
  const bulk = new BulkCallers(
    stack.gatewayUrl,
    seed,
    scenario.bulk ?? { updates: 0 },
    receiver?.url,
  );
  const allIds = await upstream.referralIds(referralsOf(scenario));
  const load = loadOf(scenario);
  const bulkIds = allIds.slice(0, scenario.bulk?.referrals ?? DEFAULT_BULK_REFERRALS);
  const referralIds =
    scenario.bulk === undefined || scenario.bulk.isShared
      ? allIds.slice(0, load.referrals ?? DEFAULT_REFERRALS)
      : allIds.slice(bulkIds.length);
  const bulkReferrals =
    scenario.bulk === undefined ? [] : [...(await upstream.referrals(bulkIds)).values()];
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
  const handedIn = bulk.handIn(bulkReferrals, () => mayGoOn);
  const submitted = (async () => {
    const first = scenario.bulk?.isShared ? await handedIn : undefined;
    await Promise.all([first, handedIn, submitter.submit(referralIds, load, () => mayGoOn)]);
  })();
  let isWatched = true;
  const watched = watch(bulk, () => isWatched);
  const settledOnce = submitted
    .finally(() => clearTimeout(tooLate))
    .then(() =>
      Promise.all([
        untilSettled(gateway, submitter.accepted, troubleMs),
        bulk.untilOver(troubleMs),
      ]),
    )
    .finally(endTrouble);
  const stage: Stage = {
    ...{ stack, upstream, gateway, submitter, bulk, bulkReferrals, referralIds, submitted },
    ...{ random: seededRandom(seed), isGoingOn: () => isGoingOn, did, note, broken },
  };
  const trouble = scenario.trouble?.(stage);
  trouble?.catch(giveUp);
  await allOver([settledOnce, trouble]);
  if (!mayGoOn) {
    broken(`not everything was accepted within ${SUBMIT_TIMEOUT_MS / 1000} s`);
  }
  if (!scenario.isLasting) {
    await upstream.behave();
  }

  const { settleWithinMs = SETTLE_TIMEOUT_MS } = scenario;
  const settle = (ms: number): Promise<[ReadonlyMap<string, UpdateFate>, boolean]> =>
    Promise.all([untilSettled(gateway, submitter.accepted, ms), bulk.untilOver(ms)]);
  let [fates, isBulkOver] = await settle(settleWithinMs);
  if (!isBulkOver || !areAllFinal(submitter.accepted, fates)) {
    broken(`not all settled ${settleWithinMs / 1000} s after the trouble`);
    [fates] = await settle(LATE_MS); // late, or never?
  }
  isWatched = false;
  await watched;
  stalls.disable();
  await upstream.behave();
  await scenario.after?.(stage);
  const truth = await upstream.referrals(allIds);
  const requests = await upstream.requests();
  for (const [what, times] of upstream.struck) {
    did(what, times);
  }
  if (submitter.unanswered > 0) {
    did("submissions unanswered", submitter.unanswered);
  }
  const rows = await bulk.collect();
  if (receiver !== undefined) {
    const ended = (await bulk.look()).filter((view) => view !== undefined);
    complaints.push(...(await receiver.check(ended, CALLBACK_MS)));
    did("callbacks", receiver.calls);
  }
  complaints.push(...bulk.problems);
  if (bulk.unanswered > 0) {
    did("uploads unanswered", bulk.unanswered);
  }
  // Of a referral that has both, all rows were accepted before.
  const accepted = [...rows.accepted, ...submitter.accepted];
  fates = new Map([...rows.fates, ...fates]);
  return {
    ...{ evidence: { accepted, fates, truth, requests }, done, notes, complaints, note, broken },
    longestStallMs: stalls.max / NS_PER_MS,
  };
}

/** Looks at the bulk updates all the time: at every moment they must be in order. */
async function watch(bulk: BulkCallers, isWatched: () => boolean): Promise<void> {
  while (isWatched()) {
    await bulk.look();
    await sleep(WATCH_EVERY_MS);
  }
}

/** Waits for all, also when one fails: nothing goes on behind the back of who stops the stack. */
async function allOver(parts: readonly (Promise<unknown> | undefined)[]): Promise<void> {
  for (const result of await Promise.allSettled(parts)) {
    if (result.status === "rejected") {
      throw result.reason;
    }
  }
}
