import { type BulkUpdate, isBulkUpdateOver } from "@patchlane/gateway-client";
import { count, counted, duration } from "./numbers.ts";
import { printable } from "./printer.ts";

/** A bulk update for people, in a few lines. */
export function describeBulkUpdate(bulkUpdate: BulkUpdate): string[] {
  const { id, label, state, dryRun, upstreamCalls, pausedReason } = bulkUpdate;
  const of = label === null ? "" : `  ${printable(label)}`;
  const took = tookSeconds(bulkUpdate);
  return [
    `${id}  ${state}${dryRun ? " (dry run)" : ""}${of}`,
    `  ${counted(bulkUpdate.counts.total, "row")}: ${countsOf(bulkUpdate)}`,
    `  ${counted(upstreamCalls, "upstream call")}${took === undefined ? "" : `, ${duration(took)}`}`,
    ...(pausedReason === null ? [] : [`  paused: ${printable(pausedReason)}`]),
    ...planOf(bulkUpdate),
  ];
}

function countsOf({ counts, dryRun }: BulkUpdate): string {
  const { queued, sending, applied, unchanged, failed, cancelled } = counts;
  const waiting = [
    ...(queued === 0 ? [] : [`${count(queued)} queued`]),
    ...(sending === 0 ? [] : [`${count(sending)} being sent`]),
  ];
  return [
    ...waiting,
    `${count(applied)} ${dryRun ? "would be applied" : "applied"}`,
    `${count(unchanged)} unchanged`,
    `${count(failed)} ${dryRun ? "would fail" : "failed"}`,
    ...(cancelled === 0 ? [] : [`${count(cancelled)} cancelled`]),
  ].join(", ");
}

function tookSeconds({ submittedAt, finishedAt }: BulkUpdate): number | undefined {
  return finishedAt === null
    ? undefined
    : (Date.parse(finishedAt) - Date.parse(submittedAt)) / 1000;
}

function planOf({ plan }: BulkUpdate): string[] {
  return plan === null
    ? []
    : [
        `  the real run: ${counted(plan.upstreamCalls, "upstream call")}, ${duration(plan.minutes * 60)} at the rate in use now`,
      ];
}

/** What can be done next with a bulk update that is over. */
export function nextSteps(bulkUpdate: BulkUpdate): string[] {
  const { id, counts } = bulkUpdate;
  return !isBulkUpdateOver(bulkUpdate) || counts.failed === 0
    ? []
    : [
        `The failed rows, to correct and submit again:  patchlane bulk results ${id} --state FAILED --output failed.csv`,
        `To try them again as they are:                 patchlane bulk retry ${id}`,
      ];
}
