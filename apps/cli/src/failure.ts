import type { ExitCode } from "./exit-codes.ts";

/** Thrown to end a command with a message for its user. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
  readonly exitCode: ExitCode;
  /** For scripts that read `--json`. */
  readonly code: string;
  /** More for those scripts. */
  readonly details: Readonly<Record<string, unknown>>;
  /** What to do about it. */
  readonly hint: string | undefined;

  constructor(
    exitCode: ExitCode,
    code: string,
    message: string,
    more: { readonly hint?: string; readonly details?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message);
    this.exitCode = exitCode;
    this.code = code;
    this.hint = more.hint;
    this.details = more.details ?? {};
  }
}

/** The command line, a setting or a local file is wrong. */
export function usageFailure(message: string, hint?: string): CommandFailure {
  return new CommandFailure(2, "USAGE", message, hint === undefined ? {} : { hint });
}
