import { setTimeout as sleep } from "node:timers/promises";
import { appEntry, type ChildService } from "@patchlane/local-stack";
import { acceptUpdates } from "./accept-updates.ts";
import { callsOf, type RateCase } from "./rate-case.ts";
import { CONCURRENCY, monotonicMs, type Site, type Started, startAll } from "./site.ts";

/** Seconds of calls workers make before they are measured warm; no longer than the drain. */
const WARM_UP_SECONDS = 2;
/** ms between looks at the upstream's log. */
const LOOK_EVERY_MS = 100;
/** ms a worker has for writing down what its last calls came to. */
const SETTLING_MS = 200;

/** Real workers that have made some calls, as a rival's processes have; held while the updates are accepted. */
export async function startWarm(site: Site, rateCase: RateCase): Promise<Started> {
  const { upstream, redisUrl } = site;
  await upstream.forget();
  const processes = await startWorkers(site, rateCase);
  const warmUpSeconds = Math.min(WARM_UP_SECONDS, rateCase.idealSeconds);
  const warmUp = Math.ceil(rateCase.ratePerSecond * warmUpSeconds);
  await acceptUpdates(redisUrl, { first: callsOf(rateCase), count: warmUp });
  while ((await upstream.calls()).filter(({ status }) => status === 200).length < warmUp) {
    await sleep(LOOK_EVERY_MS);
  }
  await sleep(SETTLING_MS);
  for (const process of processes) {
    process.signal("SIGSTOP");
  }
  await acceptUpdates(redisUrl, { first: 0, count: callsOf(rateCase) });
  await upstream.forget();
  const begunAt = monotonicMs();
  for (const process of processes) {
    process.signal("SIGCONT");
  }
  return { processes, begunAt };
}

/** Real workers, started once the updates are accepted. */
export async function startCold(site: Site, rateCase: RateCase): Promise<Started> {
  await acceptUpdates(site.redisUrl, { first: 0, count: callsOf(rateCase) });
  await site.upstream.forget();
  const begunAt = monotonicMs();
  return { processes: await startWorkers(site, rateCase), begunAt };
}

function startWorkers({ redisUrl, upstream }: Site, rateCase: RateCase): Promise<ChildService[]> {
  const environment = {
    REDIS_URL: redisUrl,
    PARTNER_CENTER_URL: upstream.url,
    PARTNER_CENTER_ACCESS_TOKEN: "bench",
    PARTNER_CENTER_RATE: String(rateCase.ratePerSecond),
    PARTNER_CENTER_BURST: String(rateCase.kind === "bucket" ? rateCase.burst : 1),
    WORKER_CONCURRENCY: String(CONCURRENCY),
  };
  return startAll(rateCase.processes, (index) => ({
    name: `worker ${index + 1}`,
    nodeArguments: appEntry("worker", "source"),
    environment,
    isReady: (line) => line.msg === "worker ready",
  }));
}
