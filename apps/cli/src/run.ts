import { createGatewayClient } from "@patchlane/gateway-client";
import { type Command, CommanderError } from "commander";
import type { Context } from "./context.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { CommandFailure } from "./failure.ts";
import { failureOf } from "./failure-of.ts";
import { Interrupted } from "./interruption.ts";
import { createPrinter, type Printer, printable } from "./output/printer.ts";
import type { Output } from "./output/terminal.ts";
import { createProgram } from "./program.ts";
import type { Environment } from "./settings/environment.ts";
import {
  isTokenInTheClear,
  resolveSettings,
  type SettingFlags,
  type Settings,
} from "./settings/settings.ts";
import { runTokenCommand } from "./settings/token-command.ts";

/** Where the command meets the world. */
export interface Edges {
  readonly version: string;
  readonly environment: Environment;
  readonly directory: string;
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly out: Output;
  readonly err: Output;
  /** Aborted with {@link Interrupted}. */
  readonly signal: AbortSignal;
  readonly now: () => number;
}

/** Runs one command line (without `node` and script) to its end; never throws. */
export async function run(argv: readonly string[], edges: Edges): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.ok;
  const runner = async (
    command: Command,
    work: (context: Context) => Promise<ExitCode>,
  ): Promise<void> => {
    const flags = command.optsWithGlobals<SettingFlags & { readonly json?: boolean }>();
    exitCode = await runCommand(flags, edges, work);
  };
  const usage: string[] = [];
  const program = createProgram(edges.version, runner, {
    out: (text) => void edges.out.stream.write(text),
    err: (text) => void usage.push(text),
    columns: edges.out.columns,
  });
  try {
    await program.parseAsync(argv, { from: "user" });
    return exitCode;
  } catch (error) {
    const isJson = argv.includes("--json");
    return usageError(error, usage.join(""), createPrinter(edges.out, edges.err, isJson));
  }
}

async function runCommand(
  flags: SettingFlags & { readonly json?: boolean },
  edges: Edges,
  work: (context: Context) => Promise<ExitCode>,
): Promise<ExitCode> {
  const printer = createPrinter(edges.out, edges.err, flags.json === true);
  let settings: Settings | undefined;
  try {
    settings = await resolveSettings(flags, edges.environment, {
      directory: edges.directory,
      runToken: (command) => runTokenCommand(command, edges.signal),
    });
    if (isTokenInTheClear(settings)) {
      printer.note("Warning: the token is sent without encryption; use https.");
    }
    return await work({
      gateway: createGatewayClient({
        url: settings.url.value,
        token: settings.token?.source,
        signal: edges.signal,
      }),
      printer,
      places: { directory: edges.directory, stdin: edges.stdin },
      signal: edges.signal,
      now: edges.now,
    });
  } catch (error) {
    if (error instanceof Interrupted) {
      return error.exitCode;
    }
    return report(failureOf(error, settings), printer);
  }
}

function report(failure: CommandFailure, printer: Printer): ExitCode {
  const { code, message, exitCode, hint, details } = failure;
  printer.json({ error: { code, message, exitCode, ...details } });
  const issues = issuesOf(details);
  printer.err.stream.write(`patchlane: ${printable(message)}\n${issues}`);
  if (hint !== undefined) {
    printer.err.stream.write(`${printable(hint)}\n`);
  }
  return exitCode;
}

/** Every finding in a line of its own: the message has them in one. */
function issuesOf({ issues }: Readonly<Record<string, unknown>>): string {
  const list = Array.isArray(issues) ? (issues as { path: string; message: string }[]) : [];
  return list.length < 2
    ? ""
    : list.map(({ path, message }) => `  ${printable(path)}: ${printable(message)}\n`).join("");
}

/** What commander says about a command line it cannot use; help and version are no errors. */
function usageError(error: unknown, said: string, printer: Printer): ExitCode {
  if (!(error instanceof CommanderError)) {
    return report(failureOf(error, undefined), printer);
  }
  if (error.exitCode === 0) {
    return exitCodes.ok;
  }
  const message = error.message.replace(/^error: /, "").replace(/\s+/g, " ");
  const isBare = error.code === "commander.help";
  printer.json({
    error: { code: "USAGE", message: isBare ? "no command" : message, exitCode: exitCodes.usage },
  });
  printer.err.stream.write(said.replace(/^error: /, "patchlane: "));
  if (!isBare) {
    printer.err.stream.write("Add --help for what there is.\n");
  }
  return exitCodes.usage;
}
