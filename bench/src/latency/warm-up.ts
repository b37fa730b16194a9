import { setTimeout as sleep } from "node:timers/promises";
import type { Upstream } from "../upstream/start-upstream.ts";
import type { Contender } from "./contender.ts";
import type { Contenders } from "./start-contenders.ts";

/** Changes under way at a time, of each. */
const IN_FLIGHT = 4;
/** Referrals changed, for each call a second: more changes of the same leave together, so that it does not take long. */
const REFERRALS_PER_RATE = 5;
/** The upstream heard nothing for so long (ms): everything is written. */
const QUIET_MS = 500;

/** Everybody makes so many changes, all at once; resolves when they are written. */
export async function warmUpAll(
  { upstream, direct, bullmq, bullmqDurable, paced }: Contenders,
  changes: number,
): Promise<void> {
  const plain = [direct, bullmq, bullmqDurable].map((one) => warmUp(one, changes, changes));
  const held = paced.map(async ({ patchlane, bullmq: rival, ratePerSecond }) => {
    const referrals = ratePerSecond * REFERRALS_PER_RATE;
    await Promise.all([warmUp(patchlane, changes, referrals), warmUp(rival, changes, referrals)]);
    await rival.empty();
  });
  await Promise.all([...plain, ...held]);
  await untilQuiet(upstream);
}

async function warmUp(contender: Contender, changes: number, referrals: number): Promise<void> {
  let next = 0;
  const keepChanging = async (): Promise<void> => {
    while (next < changes) {
      const n = next++;
      const id = String(n % referrals).padStart(12, "0");
      await contender.change(`eeeeeeee-0000-4000-8000-${id}`, n, false);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, keepChanging));
}

async function untilQuiet(upstream: Upstream): Promise<void> {
  for (let before = -1, now = 0; now !== before; ) {
    await sleep(QUIET_MS);
    before = now;
    now = (await upstream.calls()).length;
  }
}
