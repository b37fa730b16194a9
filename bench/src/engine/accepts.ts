import { acceptOne, addOne, inFlight, patchOf, referralIdOf } from "./fill.ts";
import type { Site } from "./site.ts";

export type Producer = "patchlane" | "bullmq" | "list";

/** One update handed in, until it is durable. */
export function producersOf(site: Site): Record<Producer, (n: number) => Promise<void>> {
  return {
    patchlane: (n) => acceptOne(site.patchlane, n, n),
    bullmq: (n) => addOne(site.bullmq, n, n),
    list: async (n) => {
      const update = { referralId: referralIdOf(n), patch: patchOf(n) };
      await site.connection.rpush("bench:list", JSON.stringify(update));
    },
  };
}

/** Updates a second, so many under way at a time. */
export async function acceptRate(
  accept: (n: number) => Promise<void>,
  count: number,
  underWay: number,
): Promise<number> {
  const startedAt = performance.now();
  await inFlight(count, accept, underWay);
  return (count / (performance.now() - startedAt)) * 1_000;
}
