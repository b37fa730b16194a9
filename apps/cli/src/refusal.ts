import { exitCodes } from "./exit-codes.ts";
import { CommandFailure } from "./failure.ts";

/** An error member of any result union. */
export interface UserError {
  readonly __typename: string;
  readonly message: string;
}

const EXIT_CODES: Readonly<Record<string, 3 | 5 | 6>> = {
  ReferralNotFoundError: exitCodes.notFound,
  NotFoundError: exitCodes.notFound,
  ServiceUnavailableError: exitCodes.unavailable,
};

/** What the gateway refused, as the end of a command: InvalidInputError becomes INVALID_INPUT, its fields the details. */
export function refusal(error: UserError): CommandFailure {
  const { __typename: type, message, ...details } = error;
  const code = type
    .replace(/Error$/, "")
    .replace(/(?<=[a-z])(?=[A-Z])/g, "_")
    .toUpperCase();
  return new CommandFailure(EXIT_CODES[type] ?? exitCodes.refused, code, message, {
    details,
    ...hintOf(error),
  });
}

function hintOf(error: UserError): { hint?: string } {
  const { allowed } = error as { allowed?: readonly { status: string; substatus: string }[] };
  if (allowed !== undefined) {
    const states = allowed.map(({ status, substatus }) => `${status}/${substatus}`).join(", ");
    return { hint: `Allowed from here: ${states === "" ? "nothing" : states}.` };
  }
  return error.__typename === "IdempotencyMismatchError"
    ? { hint: "Repeat it with the very same input, or use another --idempotency-key." }
    : {};
}
