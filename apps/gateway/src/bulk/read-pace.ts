import type { Services } from "../services.ts";
import type { Pace } from "./eta.ts";

/** Bulk updates looked at for others that run: those begun last. */
const LOOK_AT = 100;

/** Reads what the time of running bulk updates hangs on. Throws when Redis does not answer. */
export async function readPace({ queue }: Pick<Services, "queue">): Promise<Pace> {
  const [{ ratePerSecond, closedForMs }, { bulkUpdates }] = await Promise.all([
    queue.budget.status(),
    queue.bulk.list(LOOK_AT),
  ]);
  const running = bulkUpdates.filter(({ state }) => state === "RUNNING");
  return { ratePerSecond, closedForMs, running };
}
