import type { Command } from "commander";
import type { Context } from "../context.ts";
import type { ExitCode } from "../exit-codes.ts";

/** Runs what a command does, with its settings resolved and its failures reported. */
export type Runner = (
  command: Command,
  work: (context: Context) => Promise<ExitCode>,
) => Promise<void>;
