import {
  type ReferralStatus,
  type ReferralSubstatus,
  referralStatusValues,
  referralSubstatusValues,
} from "@patchlane/gateway-client";
import { Argument, type Command } from "commander";
import type { Context } from "../context.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { oneOf } from "./option-values.ts";
import type { Runner } from "./runner.ts";

export function addTransitions(parent: Command, run: Runner): void {
  parent
    .command("transitions")
    .summary("where a referral may go from a state")
    .description("Lists the states a referral may go to, as Partner Center documents them.")
    .addArgument(
      new Argument("<status>", referralStatusValues.join(", ")).argParser(
        oneOf(referralStatusValues),
      ),
    )
    .addArgument(
      new Argument("[substatus]", referralSubstatusValues.join(", ")).argParser(
        oneOf(referralSubstatusValues),
      ),
    )
    .addHelpText("after", "\nExample:\n  patchlane transitions New Pending")
    .action(
      (
        status: ReferralStatus,
        substatus: ReferralSubstatus | undefined,
        _options: unknown,
        command: Command,
      ) => run(command, (context) => transitions(context, status, substatus)),
    );
}

async function transitions(
  { gateway, printer }: Context,
  status: ReferralStatus,
  substatus: ReferralSubstatus | undefined,
): Promise<ExitCode> {
  const allowed = await gateway.allowedTransitions(status, substatus);
  printer.json(allowed);
  for (const to of allowed) {
    printer.line(`${to.status}/${to.substatus}`);
  }
  return exitCodes.ok;
}
