import { setTimeout as sleep } from "node:timers/promises";
import type { RunContext } from "../report/benchmark.ts";
import { METERS_AGE_MS, meanWaitMs, meteredWait } from "./metered-wait.ts";
import { type Plan, perSecondAt } from "./plans.ts";
import { type BlockOptions, type BlockResult, runBlock } from "./run-block.ts";
import { type Contenders, type Paced, startContenders } from "./start-contenders.ts";
import { warmUpAll } from "./warm-up.ts";

/** One contender's turns, one a round. */
export interface Turns {
  readonly who: string;
  readonly rounds: BlockResult[];
  /** Patchlane's: mean ms its worker metered between asking the budget and leaving. */
  readonly meteredMs: number[];
}

export interface Measured {
  readonly lowLoad: readonly Turns[];
  readonly backlog: readonly Turns[];
}

interface Turn {
  readonly turns: Turns;
  take(seed: number): Promise<void>;
}

/** Everybody in turn, round by round. */
export async function measureLatency(plan: Plan, say: RunContext["say"]): Promise<Measured> {
  const contenders = await startContenders(plan.rates);
  try {
    await warmUpAll(contenders, plan.warmUp);
    const lowLoad = lowLoadTurns(contenders, plan);
    const backlog = contenders.paced.flatMap((paced) => backlogTurns(contenders, paced, plan));
    for (let round = 0; round < plan.rounds; round++) {
      for (const { turns, take } of [...lowLoad, ...backlog]) {
        say(`round ${round + 1} of ${plan.rounds}: ${turns.who}`);
        await contenders.upstream.forget();
        await take(round + 1);
      }
    }
    return {
      lowLoad: lowLoad.map(({ turns }) => turns),
      backlog: backlog.map(({ turns }) => turns),
    };
  } finally {
    await contenders.stop();
  }
}

function lowLoadTurns({ upstream, ...contenders }: Contenders, plan: Plan): Turn[] {
  const { changes, mostPerSecond } = plan;
  const plain = (["direct", "bullmq", "bullmqDurable"] as const).map((name) => {
    const turns = newTurns(name);
    return {
      turns,
      take: async (seed: number) => {
        const options = { changes, perSecond: mostPerSecond, seed };
        turns.rounds.push(await runBlock(contenders[name], upstream, options));
      },
    };
  });
  const paced = contenders.paced.map(({ patchlane, gatewayUrl, ratePerSecond }) => {
    const turns = newTurns(`patchlane at ${ratePerSecond}/s`);
    return {
      turns,
      take: (seed: number) =>
        metered(turns, gatewayUrl, () =>
          runBlock(patchlane, upstream, {
            ...{ changes, perSecond: perSecondAt(ratePerSecond, plan) },
            ...{ seed, ratePerSecond },
          }),
        ),
    };
  });
  return [...paced, ...plain];
}

function backlogTurns(
  { upstream }: Contenders,
  { patchlane, bullmq, gatewayUrl, ratePerSecond }: Paced,
  plan: Plan,
): Turn[] {
  const load = { changes: plan.changesBehind, perSecond: perSecondAt(ratePerSecond, plan) };
  const behind = async (contender: typeof bullmq, options: BlockOptions): Promise<BlockResult> => {
    await contender.fill(plan.backlogRows);
    const result = await runBlock(contender, upstream, options);
    await contender.empty();
    return result;
  };
  const ours = newTurns(`patchlane at ${ratePerSecond}/s`);
  const theirs = newTurns(`bullmq at ${ratePerSecond}/s`);
  return [
    {
      turns: ours,
      take: (seed) =>
        metered(ours, gatewayUrl, () => behind(patchlane, { ...load, seed, ratePerSecond })),
    },
    {
      turns: theirs,
      take: async (seed) => {
        theirs.rounds.push(await behind(bullmq, { ...load, seed, ratePerSecond }));
      },
    },
  ];
}

async function metered(
  turns: Turns,
  gatewayUrl: string,
  turn: () => Promise<BlockResult>,
): Promise<void> {
  const before = await meteredWait(gatewayUrl);
  turns.rounds.push(await turn());
  await sleep(METERS_AGE_MS);
  turns.meteredMs.push(meanWaitMs(before, await meteredWait(gatewayUrl)));
}

function newTurns(who: string): Turns {
  return { who, rounds: [], meteredMs: [] };
}
