import type { LocalStack } from "@patchlane/local-stack";
import { exportOf, syncAll } from "./bulk-sync.ts";
import { compare } from "./compare.ts";
import { gatewayAt } from "./graphql-client.ts";
import { submitMany, untilSettled } from "./many-updates.ts";
import { progressLine } from "./progress.ts";
import { comparisonTable, findings, samplesTable, syncFindings } from "./report.ts";
import { runSamples } from "./samples.ts";
import {
  clearUpstreamLog,
  readAllReferrals,
  readReferralIds,
  readUpstreamLog,
} from "./upstream-log.ts";

const UPDATES = 200;
const REFERRALS = 60;
/** ms the 200 updates may take; at the limit they need ten seconds. */
const TIMEOUT_MS = 90_000;

/** Runs the main job against a stack and prints what happened; answers whether all is as it should be. */
export async function runDemo(
  stack: LocalStack,
  limitPerSecond: number,
  say: (text: string) => void,
): Promise<boolean> {
  const ask = gatewayAt(stack.gatewayUrl);
  say(
    `  gateway   ${stack.gatewayUrl}\n  simulator ${stack.upstreamUrl} (limit ${limitPerSecond} requests/s)\n`,
  );

  say("The vendor's documented updates, and two that must be refused:");
  const samples = await runSamples(ask);
  say(samplesTable(samples));

  say(`\n${UPDATES} updates on ${REFERRALS} referrals, through two workers:`);
  const ids = await readReferralIds(stack.upstreamUrl, REFERRALS);
  await clearUpstreamLog(stack.controlUrl);
  const submitted = await submitMany(ask, ids, UPDATES);
  const draw = progressLine(process.stdout, UPDATES);
  const startedAt = performance.now();
  const fates = await untilSettled(ask, submitted, TIMEOUT_MS, (done) =>
    draw(done, `settled, ${((performance.now() - startedAt) / 1000).toFixed(1)} s`),
  );

  const rows = findings(
    compare(submitted, fates, await readUpstreamLog(stack.controlUrl)),
    limitPerSecond,
  );
  say(comparisonTable(rows));

  const { csv, changed } = exportOf(await readAllReferrals(stack.upstreamUrl));
  const rowCount = csv.trimEnd().split("\n").length - 1;
  say(`\nA CRM's nightly export: ${rowCount} rows as CSV, ${changed} of which change anything:`);
  await clearUpstreamLog(stack.controlUrl);
  const drawRows = progressLine(process.stdout, rowCount);
  const bulkUpdate = await syncAll(ask, stack.gatewayUrl, csv, TIMEOUT_MS, ({ counts, state }) =>
    drawRows(counts.total - counts.queued - counts.sending, state),
  );
  const syncRows = syncFindings(bulkUpdate, changed, await readUpstreamLog(stack.controlUrl));
  say(comparisonTable(syncRows));
  return (
    syncRows.every(({ isRight }) => isRight) &&
    samples.every(({ isAsExpected }) => isAsExpected) &&
    submitted.length === UPDATES &&
    rows.every(({ isRight }) => isRight)
  );
}

/** Says in one sentence why the stack cannot work, if it cannot. */
export async function isReady(stack: LocalStack, say: (text: string) => void): Promise<boolean> {
  const url = new URL("/health/ready", stack.gatewayUrl);
  const response = await fetch(url);
  if (!response.ok) {
    const { checks } = (await response.json()) as { checks: { redis: { reason?: string } } };
    say(`The gateway is not ready. ${checks.redis.reason ?? ""} (REDIS_URL is set)`);
  }
  return response.ok;
}
