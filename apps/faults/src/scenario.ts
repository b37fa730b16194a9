import { type LocalStack, type LocalStackOptions, startLocalStack } from "@patchlane/local-stack";
import { type Random, seededRandom } from "./random.ts";
import { untilSettled } from "./settled.ts";
import { Submitter } from "./submitter.ts";
import { Upstream } from "./upstream.ts";
import { judge, type Verdict } from "./verdict.ts";

/** What a scenario works with. */
export interface Stage {
  readonly stack: LocalStack;
  readonly upstream: Upstream;
  readonly random: Random;
  readonly submitter: Submitter;
  readonly referralIds: readonly string[];
  /** False once all updates are settled, or enough time has passed: the trouble ends. */
  readonly isGoingOn: () => boolean;
  /** Counts what was done, for the table. */
  did(what: string): void;
}

export interface Scenario {
  readonly name: string;
  readonly stack?: LocalStackOptions;
  /** Default 1. Times the number of updates. */
  readonly size?: number;
  readonly appendShare?: number;
  /** ms between two updates of one lane, on average. */
  readonly pauseMs?: number;
  readonly hasIntruders?: boolean;
  /** Writes of one referral that may overlap: 1, but for paused processes. */
  readonly mostAtOnce?: number;
  /** Updates may end FAILED; default none may. */
  readonly mayFail?: boolean;
  /** Makes trouble while updates are submitted and sent. */
  trouble(stage: Stage): Promise<void>;
}

export interface ScenarioReport {
  readonly name: string;
  readonly seed: number;
  readonly done: string;
  readonly verdict: Verdict;
  readonly broken: readonly string[];
  readonly seconds: number;
}

const REFERRALS = 20;
const UPDATES = 200;
const RATE = 100;
/** ms the trouble goes on after the last update was accepted, at most. */
const TROUBLE_MS = 15_000;
/** ms all updates may take to settle after the trouble is over. */
const SETTLE_TIMEOUT_MS = 120_000;

/** Runs one scenario against processes of its own and compares the outcome with what was promised. */
export async function runScenario(
  scenario: Scenario,
  seed: number,
  onLine?: (process: string, line: string) => void,
): Promise<ScenarioReport> {
  const startedAt = performance.now();
  const random = seededRandom(seed);
  const stack = await startLocalStack({
    referrals: 100,
    ratePerSecond: RATE,
    workers: 3,
    simulatorArguments: ["--burst", "20", "--seed", String(seed)],
    ...(onLine === undefined ? {} : { onLine }),
    ...scenario.stack,
  });
  try {
    const upstream = new Upstream(stack.upstreamUrl, stack.controlUrl);
    const referralIds = await upstream.referralIds(REFERRALS);
    const submitter = new Submitter(stack.gatewayUrl, random);
    const done = new Map<string, number>();
    let isGoingOn = true;
    const trouble = scenario.trouble({
      stack,
      upstream,
      random,
      submitter,
      referralIds,
      isGoingOn: () => isGoingOn,
      did: (what) => done.set(what, (done.get(what) ?? 0) + 1),
    });
    const { appendShare, pauseMs, size = 1 } = scenario;
    await submitter.submit(referralIds, UPDATES * size, {
      ...(appendShare === undefined ? {} : { appendShare }),
      ...(pauseMs === undefined ? {} : { pauseMs }),
    });
    await untilSettled(stack.gatewayUrl, submitter.accepted, TROUBLE_MS);
    isGoingOn = false;
    await trouble;
    await upstream.behave();
    const fates = await untilSettled(stack.gatewayUrl, submitter.accepted, SETTLE_TIMEOUT_MS);
    const truth = new Map(
      await Promise.all(referralIds.map(async (id) => [id, await upstream.referral(id)] as const)),
    );
    const requests = await upstream.requests();
    const verdict = judge(
      submitter.accepted,
      fates,
      truth,
      requests,
      scenario.hasIntruders ?? false,
    );
    return {
      name: scenario.name,
      seed,
      done: [...done].map(([what, times]) => `${times} ${what}`).join(", "),
      verdict,
      broken: brokenPromises(scenario, verdict),
      seconds: (performance.now() - startedAt) / 1000,
    };
  } finally {
    await stack.stop();
  }
}

function brokenPromises(scenario: Scenario, verdict: Verdict): string[] {
  const { mostAtOnce = 1, mayFail = false } = scenario;
  return [
    verdict.lost > 0 ? `${verdict.lost} lost` : "",
    verdict.doubled > 0 ? `${verdict.doubled} doubled` : "",
    verdict.outOfOrder > 0 ? `${verdict.outOfOrder} out of order` : "",
    verdict.mostAtOnce > mostAtOnce ? `${verdict.mostAtOnce} writes of one referral at once` : "",
    !mayFail && verdict.failed > 0 ? `${verdict.failed} failed` : "",
  ].filter((problem) => problem !== "");
}
