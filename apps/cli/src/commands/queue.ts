import type { QueueStatus } from "@patchlane/gateway-client";
import type { Command } from "commander";
import type { Context } from "../context.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { counted, duration, rate } from "../output/numbers.ts";
import { printable } from "../output/printer.ts";
import type { Runner } from "./runner.ts";

export function addQueue(parent: Command, run: Runner): void {
  parent
    .command("queue")
    .summary("how much waits, and how fast it goes")
    .description(
      "Shows what waits, what is being sent, the rate in use, and whether anything holds it up.",
    )
    .addHelpText("after", "\nExample:\n  patchlane queue --json")
    .action((_options: unknown, command: Command) => run(command, queue));
}

async function queue({ gateway, printer }: Context): Promise<ExitCode> {
  const status = await gateway.queue();
  printer.json(status);
  describe(status).forEach(printer.line);
  return exitCodes.ok;
}

function describe(status: QueueStatus): string[] {
  const { waiting, active, delayed, paused, pausedReason, throttledUntil } = status;
  return [
    `${counted(waiting, "update")} waiting, ${active} being sent, ${counted(delayed, "referral")} to be tried again`,
    `${rate(status.ratePerSecond)} upstream, oldest waits ${duration(status.oldestWaitingSeconds)}`,
    ...(throttledUntil === null ? [] : [`throttled by Partner Center until ${throttledUntil}`]),
    ...(paused ? [`PAUSED: ${printable(pausedReason ?? "no reason given")}`] : []),
  ];
}
