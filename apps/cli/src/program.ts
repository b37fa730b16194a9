import { Command } from "commander";
import { addAudit } from "./commands/audit.ts";
import { addBulk } from "./commands/bulk.ts";
import { addQueue } from "./commands/queue.ts";
import { addReferral } from "./commands/referral.ts";
import type { Runner } from "./commands/runner.ts";
import { addStatus } from "./commands/status.ts";
import { addTransitions } from "./commands/transitions.ts";
import { addUpdate } from "./commands/update.ts";

export interface ProgramOutput {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly columns: () => number;
}

/** The whole command line. Throws CommanderError instead of ending the process. */
export function createProgram(version: string, run: Runner, output: ProgramOutput): Command {
  const program = new Command("patchlane")
    .description(
      "Changes Partner Center referrals through a Patchlane gateway, one at a time or many at once.",
    )
    .version(version, "-V, --version", "print the version")
    .option("--json", "results as JSON: one document, or one a line where there are many")
    .option("--url <url>", "where the gateway is (default: http://127.0.0.1:4000)")
    .option("--token-file <file>", "a file that holds the bearer token")
    .option("--token-command <command>", "a command that prints the bearer token")
    .option(
      "--token <token>",
      "the bearer token itself; others on this machine can see it, better use a file",
    )
    .option(
      "--config <file>",
      "the config file (default: patchlane.config.json here, else the user's)",
    )
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: output.out,
      writeErr: output.err,
      getOutHelpWidth: output.columns,
      getErrHelpWidth: output.columns,
    })
    .exitOverride()
    .helpCommand("help [command]", "help for a command")
    .addHelpText("after", HELP);
  addUpdate(program, run);
  addStatus(program, run);
  addReferral(program, run);
  addAudit(program, run);
  addBulk(program, run);
  addTransitions(program, run);
  addQueue(program, run);
  return program;
}

const HELP = `
Settings, the first that is there:
  flags                                   --url, --token, --token-file, --token-command
  environment                             PATCHLANE_URL, PATCHLANE_TOKEN, PATCHLANE_TOKEN_FILE, PATCHLANE_TOKEN_COMMAND
  config file: --config, PATCHLANE_CONFIG, patchlane.config.json here, or ~/.config/patchlane/config.json
                                          {"url": "https://…", "tokenFile": "…"}   (or "token", "tokenCommand")
  NO_COLOR=1 turns colours off.

Exit codes:
  0    done; or accepted and under way
  1    unexpected: a bug, or an answer nobody expects
  2    the command line, a setting or a local file is wrong; nothing was sent
  3    refused: the gateway says the input is not valid; nothing was accepted
  4    over, but not everything was done: FAILED or CANCELLED
  5    not found
  6    the gateway cannot be reached, cannot serve at the moment, or not so many requests
  7    denied: the token is missing, expired or not valid, or its role is not enough
  130  interrupted (Ctrl-C); 143 terminated; 141 whoever read the output went away

With --json, a failure is a document, too: {"error":{"code","message","exitCode",…}}.

Examples:
  patchlane update 61c65491-2f2c-461a-84b4-3654499bc1d9 --set details.dealValue=10000
  patchlane bulk submit export.csv --watch
  patchlane bulk results blk_… --state FAILED --output failed.csv
  patchlane COMMAND --help`;
