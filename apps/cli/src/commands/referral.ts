import {
  type Referral,
  type ReferralStatus,
  type ReferralUpdate,
  referralStatusValues,
} from "@patchlane/gateway-client";
import type { Command } from "commander";
import type { Context } from "../context.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { CommandFailure } from "../failure.ts";
import { describeReferral } from "../output/describe-referral.ts";
import { printable } from "../output/printer.ts";
import { table } from "../output/table.ts";
import { limitOption, upTo } from "./limit.ts";
import { oneOf } from "./option-values.ts";
import type { Runner } from "./runner.ts";

const REFERRAL_ID = "61c65491-2f2c-461a-84b4-3654499bc1d9";

export function addReferral(parent: Command, run: Runner): void {
  const referral = parent
    .command("referral")
    .summary("look at referrals: get, list, updates")
    .description("Looks at referrals, as Partner Center has them now.")
    .helpCommand(false);
  addGet(referral, run);
  addList(referral, run);
  addUpdates(referral, run);
}

function addGet(parent: Command, run: Runner): void {
  parent
    .command("get")
    .summary("one referral")
    .description(
      "Shows one referral, and where its status may go. With --json, everything there is of it.",
    )
    .argument("<referral-id>", "the referral's id")
    .addHelpText("after", `\nExample:\n  patchlane referral get ${REFERRAL_ID} --json`)
    .action((id: string, _options: unknown, command: Command) =>
      run(command, (context) => get(context, id)),
    );
}

async function get({ gateway, printer }: Context, id: string): Promise<ExitCode> {
  const referral = await gateway.referral(id);
  if (referral === undefined) {
    throw noSuchReferral(id);
  }
  printer.json(referral);
  describeReferral(referral).forEach(printer.line);
  return exitCodes.ok;
}

interface ListOptions {
  readonly status?: ReferralStatus;
  readonly filter?: string;
  readonly orderBy?: string;
  readonly limit: number;
}

function addList(parent: Command, run: Runner): void {
  parent
    .command("list")
    .summary("referrals, filtered and ordered")
    .description("Lists referrals, as Partner Center has them now.")
    .option(
      "--status <status>",
      `only these: ${referralStatusValues.join(", ")}`,
      oneOf(referralStatusValues),
    )
    .option("--filter <filter>", "fields compared with values, with and, or, not, parentheses")
    .option("--order-by <order>", "createdDateTime (default) or updatedDateTime, then asc or desc")
    .addOption(limitOption())
    .addHelpText(
      "after",
      `
Examples:
  patchlane referral list --status New --order-by "updatedDateTime desc"
  patchlane referral list --filter "customerProfile/address/country eq 'US'" --limit 100 --json`,
    )
    .action((options: ListOptions, command: Command) =>
      run(command, (context) => list(context, options)),
    );
}

async function list({ gateway, printer }: Context, options: ListOptions): Promise<ExitCode> {
  const { limit, ...which } = options;
  const found = await upTo(limit, (pageSize) => gateway.eachReferral(which, { pageSize }));
  printer.json(found);
  if (found.length === 0) {
    printer.note("There are no such referrals.");
    return exitCodes.ok;
  }
  table([["ID", "STATUS", "VALUE", "CUSTOMER", "NAME"], ...found.map(row)]).forEach(printer.line);
  return exitCodes.ok;
}

function row({ id, status, substatus, name, details, customerProfile }: Referral): string[] {
  const value = details?.dealValue ?? null;
  return [
    printable(id),
    `${status}/${substatus}`,
    printable(value === null ? "" : `${value} ${details?.currency ?? ""}`),
    printable(customerProfile?.name ?? ""),
    printable(name ?? ""),
  ];
}

function addUpdates(parent: Command, run: Runner): void {
  parent
    .command("updates")
    .summary("what was changed of one, newest first")
    .description("Lists the updates of a referral that you may see, newest first.")
    .argument("<referral-id>", "the referral's id")
    .addOption(limitOption())
    .addHelpText("after", `\nExample:\n  patchlane referral updates ${REFERRAL_ID}`)
    .action((id: string, options: { readonly limit: number }, command: Command) =>
      run(command, (context) => updates(context, id, options.limit)),
    );
}

async function updates(
  { gateway, printer }: Context,
  id: string,
  limit: number,
): Promise<ExitCode> {
  const found = await upTo(limit, (pageSize) => gateway.eachReferralUpdate(id, { pageSize }));
  if (found.length === 0 && (await gateway.referral(id)) === undefined) {
    throw noSuchReferral(id);
  }
  printer.json(found);
  if (found.length === 0) {
    printer.note("It has no updates.");
    return exitCodes.ok;
  }
  table([["ID", "STATE", "SUBMITTED (UTC)", "BY", "CHANGES"], ...found.map(updateRow)]).forEach(
    printer.line,
  );
  return exitCodes.ok;
}

function updateRow({
  id,
  state,
  error,
  submittedAt,
  submittedBy,
  patch,
}: ReferralUpdate): string[] {
  return [
    id,
    error === null ? state : `${state} ${error.code}`,
    submittedAt.slice(0, 19).replace("T", " "),
    printable(submittedBy),
    printable(patch.map(({ path }) => path).join(" ")),
  ];
}

function noSuchReferral(id: string): CommandFailure {
  return new CommandFailure(exitCodes.notFound, "NOT_FOUND", `there is no referral ${id}`, {
    details: { id },
  });
}
