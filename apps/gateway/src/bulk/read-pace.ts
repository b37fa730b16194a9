import type { Services } from "../services.ts";
import type { Pace } from "./eta.ts";

/** Reads what the time of running bulk updates hangs on. Throws when Redis does not answer. */
export async function readPace({ queue }: Pick<Services, "queue">): Promise<Pace> {
  const [{ ratePerSecond, closedForMs }, active] = await Promise.all([
    queue.budget.status(),
    queue.bulk.active(),
  ]);
  const running = active.filter(({ state }) => state === "RUNNING");
  return { ratePerSecond, closedForMs, running };
}
