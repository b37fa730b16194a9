import {
  changeFields,
  isUpdateFinal,
  type PatchOperationInput,
  type ReferralChangesInput,
  type UpdateReferralInput,
} from "@patchlane/gateway-client";
import type { Command } from "commander";
import type { Context } from "../context.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { usageFailure } from "../failure.ts";
import { withAssignments } from "../input/field-assignments.ts";
import { jsonArgument } from "../input/json-argument.ts";
import { Interrupted } from "../interruption.ts";
import { describePatch, describeUpdate } from "../output/describe-update.ts";
import { refusal } from "../refusal.ts";
import { every, wholeNumber } from "./option-values.ts";
import type { Runner } from "./runner.ts";

interface Options {
  readonly set?: readonly string[];
  readonly changes?: string;
  readonly patch?: string;
  readonly ifMatch?: string;
  readonly idempotencyKey?: string;
  readonly wait?: number;
  readonly dryRun?: boolean;
}

/** The gateway's own limit. */
const LONGEST_WAIT_MS = 30_000;

export function addUpdate(parent: Command, run: Runner): void {
  parent
    .command("update")
    .summary("change one referral")
    .description("Changes one referral and waits for the outcome.")
    .argument("<referral-id>", "the referral's id")
    .option("-s, --set <field=value>", "a field to change (repeat for more); \\N sends null", every)
    .option("--changes <json>", "changes as JSON, or @file, or @- for standard input")
    .option("--patch <json>", "a raw JSON Patch instead, as JSON or @file: add and replace only")
    .option("--if-match <etag>", "only if the referral still has this ETag, quotes included")
    .option(
      "--idempotency-key <key>",
      "the same key and input is the same update, however often it is sent",
    )
    .option(
      "--wait <ms>",
      "how long to wait for the outcome, 0 to 30000 (default: 10000)",
      wholeNumber(0, LONGEST_WAIT_MS),
    )
    .option("--dry-run", "check, and show the patch; nothing is written")
    .addHelpText("after", HELP)
    .action((referralId: string, options: Options, command: Command) =>
      run(command, (context) => update(context, referralId, options)),
    );
}

const HELP = `
--set adds to --changes, and wins over it. Exit code 4 when the update FAILED; one that is still QUEUED when
the wait is over is accepted and durable: 0. Ask for it later with patchlane status UPDATE_ID.

Fields:
${Object.entries(changeFields)
  .map(([path, type]) => `  ${path} (${type})`)
  .join("\n")}

Examples:
  patchlane update 61c65491-2f2c-461a-84b4-3654499bc1d9 --set details.dealValue=10000 --set details.notes="Budget confirmed"
  patchlane update 61c65491-2f2c-461a-84b4-3654499bc1d9 --set status=Closed --set substatus=Won
  patchlane update 61c65491-2f2c-461a-84b4-3654499bc1d9 --set team.add='[{"email":"jane.doe@contoso.com","firstName":"Jane"}]'
  patchlane update 61c65491-2f2c-461a-84b4-3654499bc1d9 --changes @changes.json --dry-run --json`;

async function update(context: Context, referralId: string, options: Options): Promise<ExitCode> {
  const { gateway, printer } = context;
  const input = await inputOf(context, referralId, options);
  const result = await gateway.updateReferral(input).catch((error: unknown) => {
    if (error instanceof Interrupted) {
      printer.note("Interrupted before the answer: it may have been accepted.");
    }
    throw error;
  });
  if (result.__typename !== "UpdateReferralPayload") {
    throw refusal(result);
  }
  const { update: accepted, patch } = result;
  printer.json({ update: accepted, patch });
  if (accepted === null) {
    printer.line(patch.length === 0 ? "Nothing would be sent." : "Would be sent:");
    describePatch(patch).forEach(printer.line);
    return exitCodes.ok;
  }
  describeUpdate(accepted).forEach(printer.line);
  if (!isUpdateFinal(accepted)) {
    printer.note(`Accepted, not final yet. Ask again with:  patchlane status ${accepted.id}`);
  }
  return accepted.state === "FAILED" || accepted.state === "CANCELLED"
    ? exitCodes.notAllDone
    : exitCodes.ok;
}

async function inputOf(
  { places }: Context,
  referralId: string,
  options: Options,
): Promise<UpdateReferralInput> {
  const { ifMatch, idempotencyKey, wait: waitMs, dryRun } = options;
  // Whether these are what the gateway expects, it says itself, with every issue.
  const what =
    options.patch === undefined
      ? { changes: (await changesOf(places, options)) as ReferralChangesInput }
      : { patch: (await patchOf(places, options)) as readonly PatchOperationInput[] };
  return { referralId, ...what, ifMatch, idempotencyKey, waitMs, dryRun };
}

async function changesOf(
  places: Context["places"],
  { set = [], changes }: Options,
): Promise<Record<string, unknown>> {
  if (changes === undefined && set.length === 0) {
    throw usageFailure("nothing to change", "Add --set FIELD=VALUE, --changes or --patch.");
  }
  const given = changes === undefined ? {} : await jsonArgument("--changes", changes, places);
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw usageFailure("--changes must be a JSON object");
  }
  return withAssignments(given as Record<string, unknown>, set);
}

async function patchOf(places: Context["places"], options: Options): Promise<unknown[]> {
  if (options.set !== undefined || options.changes !== undefined) {
    throw usageFailure("--patch cannot be combined with --set or --changes");
  }
  const patch = await jsonArgument("--patch", options.patch ?? "", places);
  if (!Array.isArray(patch)) {
    throw usageFailure("--patch must be a JSON list of operations");
  }
  return patch;
}
