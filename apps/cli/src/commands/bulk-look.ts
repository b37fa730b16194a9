import { isBulkUpdateOver } from "@patchlane/gateway-client";
import type { Command } from "commander";
import type { Context } from "../context.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { describeBulkUpdate, nextSteps } from "../output/describe-bulk-update.ts";
import { count } from "../output/numbers.ts";
import { printable } from "../output/printer.ts";
import { table } from "../output/table.ts";
import { knownBulkUpdate, outcomeOf, watchToEnd } from "../watch-to-end.ts";
import { limitOption, upTo } from "./limit.ts";
import type { Runner } from "./runner.ts";

export function addBulkStatus(parent: Command, run: Runner): void {
  parent
    .command("status")
    .summary("how far a bulk update is")
    .description("Shows a bulk update's state and counts, once.")
    .argument("<bulk-id>", "blk_…")
    .addHelpText(
      "after",
      "\nExit code 4 when it is over and rows FAILED or were CANCELLED, else 0.\n\nExample:\n  patchlane bulk status blk_019aa0f6c4c27d0f8c5b4d3e2f1a0b9c --json",
    )
    .action((id: string, _options: unknown, command: Command) =>
      run(command, (context) => status(context, id)),
    );
}

async function status(context: Context, id: string): Promise<ExitCode> {
  const bulkUpdate = await knownBulkUpdate(context, id);
  context.printer.json(bulkUpdate);
  describeBulkUpdate(bulkUpdate).forEach(context.printer.line);
  nextSteps(bulkUpdate).forEach(context.printer.line);
  return isBulkUpdateOver(bulkUpdate) ? outcomeOf(bulkUpdate) : exitCodes.ok;
}

export function addBulkWatch(parent: Command, run: Runner): void {
  parent
    .command("watch")
    .summary("follow a bulk update until it is over")
    .description(
      "Follows a bulk update until it is over: a bar on a terminal, a line every few seconds elsewhere.",
    )
    .argument("<bulk-id>", "blk_…")
    .addHelpText(
      "after",
      `
With --json, one document a line: the bulk update after every change, the last one final.
Survives restarts of the gateway. Ctrl-C stops watching (exit code 130) and leaves the bulk update running.
Exit code 4 when rows FAILED or were CANCELLED.

Example:
  patchlane bulk watch blk_019aa0f6c4c27d0f8c5b4d3e2f1a0b9c`,
    )
    .action((id: string, _options: unknown, command: Command) =>
      run(command, (context) => watchToEnd(context, id)),
    );
}

export function addBulkList(parent: Command, run: Runner): void {
  parent
    .command("list")
    .summary("bulk updates, newest first")
    .description("Lists bulk updates, newest first.")
    .addOption(limitOption())
    .addHelpText("after", "\nExample:\n  patchlane bulk list --limit 5")
    .action((options: { readonly limit: number }, command: Command) =>
      run(command, (context) => list(context, options.limit)),
    );
}

async function list({ gateway, printer }: Context, limit: number): Promise<ExitCode> {
  const found = await upTo(limit, (pageSize) => gateway.eachBulkUpdate({ pageSize }));
  printer.json(found);
  if (found.length === 0) {
    printer.note("There are no bulk updates.");
    return exitCodes.ok;
  }
  const rows = found.map(({ id, state, counts, submittedAt, dryRun, label }) => [
    id,
    state,
    count(counts.total),
    count(counts.failed),
    submittedAt.slice(0, 19).replace("T", " "),
    `${dryRun ? "(dry run) " : ""}${printable(label ?? "")}`,
  ]);
  table([["ID", "STATE", "ROWS", "FAILED", "SUBMITTED (UTC)", "LABEL"], ...rows]).forEach(
    printer.line,
  );
  return exitCodes.ok;
}
