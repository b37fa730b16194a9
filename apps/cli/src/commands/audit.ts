import type { AuditEntry } from "@patchlane/gateway-client";
import type { Command } from "commander";
import type { Context } from "../context.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { printable } from "../output/printer.ts";
import { table } from "../output/table.ts";
import { limitOption, upTo } from "./limit.ts";
import type { Runner } from "./runner.ts";

interface Options {
  readonly referral?: string;
  readonly limit: number;
}

export function addAudit(parent: Command, run: Runner): void {
  parent
    .command("audit")
    .summary("who changed what, when, with what outcome")
    .description(
      "Lists updates that came to an end, newest first: who, what, when, with what outcome.",
    )
    .option("--referral <id>", "only of this referral")
    .addOption(limitOption())
    .addHelpText("after", "\nExample:\n  patchlane audit --limit 100 --json")
    .action((options: Options, command: Command) =>
      run(command, (context) => audit(context, options)),
    );
}

async function audit({ gateway, printer }: Context, options: Options): Promise<ExitCode> {
  const { referral: referralId, limit } = options;
  const found = await upTo(limit, (pageSize) =>
    gateway.eachAuditEntry({ referralId }, { pageSize }),
  );
  printer.json(found);
  if (found.length === 0) {
    printer.note("Nothing has come to an end.");
    return exitCodes.ok;
  }
  table([["ENDED (UTC)", "STATE", "BY", "REFERRAL", "CHANGES"], ...found.map(row)]).forEach(
    printer.line,
  );
  return exitCodes.ok;
}

function row({ finishedAt, state, error, submittedBy, referralId, patch }: AuditEntry): string[] {
  return [
    finishedAt.slice(0, 19).replace("T", " "),
    error === null ? state : `${state} ${error.code}`,
    printable(submittedBy ?? "(sealed)"),
    printable(referralId),
    printable((patch ?? []).map(({ path }) => path).join(" ")),
  ];
}
