import type { Command } from "commander";
import type { Context } from "../context.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { CommandFailure } from "../failure.ts";
import { describeUpdate } from "../output/describe-update.ts";
import type { Runner } from "./runner.ts";

export function addStatus(parent: Command, run: Runner): void {
  parent
    .command("status")
    .summary("what became of an update")
    .description("Shows what became of an accepted update.")
    .argument("<update-id>", "upd_…, as update printed it")
    .addHelpText(
      "after",
      `
Exit code 4 when it FAILED or was CANCELLED, 0 when it is applied, unchanged or still under way.

Example:
  patchlane status upd_019aa0f6c4c27d0f8c5b4d3e2f1a0b9c --json`,
    )
    .action((id: string, _options: unknown, command: Command) =>
      run(command, (context) => status(context, id)),
    );
}

async function status({ gateway, printer }: Context, id: string): Promise<ExitCode> {
  const update = await gateway.referralUpdate(id);
  if (update === undefined) {
    throw new CommandFailure(exitCodes.notFound, "NOT_FOUND", `there is no update ${id}`, {
      hint: "Its retention may be over.",
      details: { id },
    });
  }
  printer.json(update);
  describeUpdate(update).forEach(printer.line);
  return update.state === "FAILED" || update.state === "CANCELLED"
    ? exitCodes.notAllDone
    : exitCodes.ok;
}
