import { fileURLToPath } from "node:url";
import { callsOf, type RateCase } from "../rate-case.ts";
import { CONCURRENCY, monotonicMs, type Site, type Started, startAll } from "../site.ts";
import { fillQueue } from "./bullmq.ts";
import type { RivalName, RivalTask } from "./rival.ts";

/** Processes of a rival, warm, with everything they are to send in place. */
export async function startRival(
  rival: RivalName,
  { redisUrl, upstream }: Site,
  rateCase: RateCase,
): Promise<Started> {
  const { ratePerSecond, processes: count } = rateCase;
  const calls = callsOf(rateCase);
  if (rival.startsWith("bullmq")) {
    await fillQueue(redisUrl, calls);
  }
  const path = fileURLToPath(new URL("./rival-main.ts", import.meta.url));
  const processes = await startAll(count, (index) => {
    const task: RivalTask = {
      rival,
      redisUrl,
      upstreamUrl: upstream.url,
      ratePerSecond,
      processes: count,
      concurrency: CONCURRENCY,
      share: { first: index, step: count, end: calls },
    };
    return {
      name: `${rival} ${index + 1}`,
      nodeArguments: [path, JSON.stringify(task)],
      environment: { NODE_ENV: "production" },
      isReady: (line) => line.ready === true,
    };
  });
  await upstream.forget();
  const begunAt = monotonicMs();
  for (const process of processes) {
    process.signal("SIGUSR2");
  }
  return { processes, begunAt };
}
