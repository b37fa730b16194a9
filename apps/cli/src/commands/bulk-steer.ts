import type { BulkUpdateActionResult, GatewayClient } from "@patchlane/gateway-client";
import type { Command } from "commander";
import type { Context } from "../context.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { describeBulkUpdate } from "../output/describe-bulk-update.ts";
import { refusal } from "../refusal.ts";
import { watchToEnd } from "../watch-to-end.ts";
import type { Runner } from "./runner.ts";

interface Steering {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly send: (gateway: GatewayClient, id: string) => Promise<BulkUpdateActionResult>;
  /** Whether there is something to watch afterwards. */
  readonly canWatch: boolean;
}

const STEERINGS: readonly Steering[] = [
  {
    name: "retry",
    summary: "try the failed rows again",
    description:
      "Queues the FAILED rows of a bulk update again, in place; the others stay as they are.",
    send: (gateway, id) => gateway.retryBulkUpdate(id),
    canWatch: true,
  },
  {
    name: "pause",
    summary: "hold the rows that are not yet being sent",
    description: "Holds the rows of a bulk update that are not yet being sent, until resume.",
    send: (gateway, id) => gateway.pauseBulkUpdate(id),
    canWatch: false,
  },
  {
    name: "resume",
    summary: "go on with a paused bulk update",
    description: "Goes on with a paused bulk update.",
    send: (gateway, id) => gateway.resumeBulkUpdate(id),
    canWatch: true,
  },
  {
    name: "cancel",
    summary: "give up the rows that are not yet being sent",
    description:
      "Cancels the rows of a bulk update that are not yet being sent. What was written stays written.",
    send: (gateway, id) => gateway.cancelBulkUpdate(id),
    canWatch: true,
  },
];

export function addBulkSteering(parent: Command, run: Runner): void {
  for (const steering of STEERINGS) {
    const { name, summary, description, canWatch } = steering;
    const command = parent
      .command(name)
      .summary(summary)
      .description(description)
      .argument("<bulk-id>", "blk_…")
      .addHelpText(
        "after",
        `\nExit code 3 when its state does not allow it, 5 when there is no such bulk update.\n\nExample:\n  patchlane bulk ${name} blk_019aa0f6c4c27d0f8c5b4d3e2f1a0b9c`,
      );
    if (canWatch) {
      command.option("-w, --watch", "show the progress until it is over");
    }
    command.action((id: string, options: { watch?: boolean }, self: Command) =>
      run(self, (context) => steer(context, steering, id, options.watch === true)),
    );
  }
}

async function steer(
  context: Context,
  { send }: Steering,
  id: string,
  isWatched: boolean,
): Promise<ExitCode> {
  const result = await send(context.gateway, id);
  if (result.__typename !== "BulkUpdatePayload") {
    throw refusal(result);
  }
  if (isWatched) {
    return watchToEnd(context, id);
  }
  context.printer.json(result.bulkUpdate);
  describeBulkUpdate(result.bulkUpdate).forEach(context.printer.line);
  return exitCodes.ok;
}
