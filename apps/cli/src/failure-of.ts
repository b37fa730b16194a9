import {
  GatewayGraphqlError,
  GatewayHttpError,
  GatewayUnreachableError,
} from "@patchlane/gateway-client";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { CommandFailure } from "./failure.ts";
import type { Settings } from "./settings/settings.ts";

/** What to tell the user about anything that was thrown. */
export function failureOf(error: unknown, settings: Settings | undefined): CommandFailure {
  if (error instanceof CommandFailure) {
    return error;
  }
  if (error instanceof GatewayUnreachableError) {
    return unreachable(error, settings);
  }
  if (error instanceof GatewayHttpError) {
    const { status, code = `HTTP_${status}` } = error;
    return new CommandFailure(exitCodeOfStatus(status), code, error.message, {
      ...hintFor(status === 401 || status === 403 ? "denied" : "other", settings),
      details: { status },
    });
  }
  if (error instanceof GatewayGraphqlError) {
    const exitCode = exitCodeOfProblem(error.code);
    return new CommandFailure(exitCode, error.code ?? "GRAPHQL_ERROR", error.message, {
      ...hintFor(exitCode === exitCodes.denied ? "denied" : "other", settings),
      details: { problems: error.problems },
    });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new CommandFailure(exitCodes.unexpected, "UNEXPECTED", message);
}

function unreachable(
  { code, message }: GatewayUnreachableError,
  settings: Settings | undefined,
): CommandFailure {
  const where = settings === undefined ? "" : ` at ${settings.url.value}`;
  const text =
    code === "ECONNREFUSED" || code === "ENOTFOUND" || code === "EAI_AGAIN"
      ? `no gateway${where} (${code})`
      : `the gateway${where} did not answer: ${message}`;
  const from = settings === undefined ? "" : ` The URL comes from ${settings.url.origin}.`;
  return new CommandFailure(exitCodes.unavailable, "UNREACHABLE", text, {
    hint: `Is it running?${from} Set it with --url, PATCHLANE_URL, or "url" in patchlane.config.json.`,
    details: { url: settings?.url.value, cause: code },
  });
}

function hintFor(kind: "denied" | "other", settings: Settings | undefined): { hint?: string } {
  if (kind === "other") {
    return {};
  }
  const from =
    settings?.token === undefined
      ? "No token was sent."
      : `The token came from ${settings.token.origin}.`;
  return { hint: `${from} Set one with --token-file, PATCHLANE_TOKEN, or the config file.` };
}

function exitCodeOfStatus(status: number): ExitCode {
  if (status === 401 || status === 403) {
    return exitCodes.denied;
  }
  return status === 400 || status === 413 ? exitCodes.refused : exitCodes.unavailable;
}

function exitCodeOfProblem(code: string | undefined): ExitCode {
  switch (code) {
    case "SERVICE_UNAVAILABLE":
      return exitCodes.unavailable;
    case "FORBIDDEN":
    case "UNAUTHENTICATED":
    case "UNAUTHORIZED":
      return exitCodes.denied;
    case "NOT_FOUND":
      return exitCodes.notFound;
    case "BAD_USER_INPUT":
    case "UPSTREAM_REFUSED":
      return exitCodes.refused;
    default:
      return exitCodes.unexpected;
  }
}
