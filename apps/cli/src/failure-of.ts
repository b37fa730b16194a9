import {
  GatewayForbiddenError,
  GatewayGraphqlError,
  GatewayHttpError,
  GatewayRateLimitedError,
  GatewayUnauthenticatedError,
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
  if (error instanceof GatewayUnauthenticatedError) {
    const message = `not signed in: ${error.message}`;
    return new CommandFailure(exitCodes.denied, error.code, message, {
      hint: `${tokenOrigin(settings)} Set one with --token-file, --token-command, PATCHLANE_TOKEN, or the config file.`,
    });
  }
  if (error instanceof GatewayForbiddenError) {
    return new CommandFailure(exitCodes.denied, error.code, `not allowed: ${error.message}`, {
      hint: tokenOrigin(settings),
    });
  }
  if (error instanceof GatewayRateLimitedError) {
    return rateLimited(error);
  }
  if (error instanceof GatewayHttpError) {
    const { status, code = `HTTP_${status}` } = error;
    return new CommandFailure(exitCodeOfStatus(status), code, error.message, {
      details: { status },
    });
  }
  if (error instanceof GatewayGraphqlError) {
    const { code = "GRAPHQL_ERROR", problems } = error;
    return new CommandFailure(exitCodeOfProblem(code), code, error.message, {
      details: { problems },
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

function rateLimited({ code, retryAfterMs, message }: GatewayRateLimitedError): CommandFailure {
  const when =
    retryAfterMs === undefined
      ? "Try again later."
      : `Try again in ${Math.ceil(retryAfterMs / 1_000)} s.`;
  return new CommandFailure(exitCodes.unavailable, code, `too many requests: ${message}`, {
    hint: when,
    details: { retryAfterMs },
  });
}

function tokenOrigin(settings: Settings | undefined): string {
  return settings?.token === undefined
    ? "No token was sent."
    : `The token came from ${settings.token.origin}.`;
}

function exitCodeOfStatus(status: number): ExitCode {
  return status === 400 || status === 413 ? exitCodes.refused : exitCodes.unavailable;
}

function exitCodeOfProblem(code: string): ExitCode {
  switch (code) {
    case "SERVICE_UNAVAILABLE":
      return exitCodes.unavailable;
    case "NOT_FOUND":
      return exitCodes.notFound;
    case "BAD_USER_INPUT":
    case "UPSTREAM_REFUSED":
      return exitCodes.refused;
    default:
      return exitCodes.unexpected;
  }
}
