import { backOff } from "./back-off.ts";
import { askedMsOf, GatewayHttpError, GatewayUnreachableError } from "./errors.ts";

/** How often a mutation is sent by default before a gateway that cannot be reached is given up. */
export const USUAL_TRIES = 3;

/** HTTP failures of what stands in front of a gateway that is away. */
const GATEWAY_AWAY: readonly number[] = [502, 503, 504];

/**
 * Sends a mutation, and sends it again when its answer was lost. Only for what carries an idempotency key: without one, the
 * second might be a second update.
 */
export async function repeated<Result>(
  send: () => Promise<Result>,
  options: { readonly tries: number; readonly signal: AbortSignal | undefined },
): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await send();
    } catch (error) {
      if (tries >= options.tries || !isAnswerLost(error)) {
        throw error;
      }
      await backOff(tries, askedMsOf(error), options.signal);
    }
  }
}

function isAnswerLost(error: unknown): boolean {
  return (
    error instanceof GatewayUnreachableError ||
    (error instanceof GatewayHttpError && GATEWAY_AWAY.includes(error.status))
  );
}
