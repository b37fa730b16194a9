import type { Random } from "./random.ts";

/** One update that a caller knows to be accepted. */
export interface Accepted {
  readonly id: string;
  readonly referralId: string;
  /** The effect it must have: the notes it sets, or the person it adds. */
  readonly notes: string | undefined;
  readonly email: string | undefined;
}

const MUTATION = `mutation($input: UpdateReferralInput!) { updateReferral(input: $input) {
  __typename ... on UpdateReferralPayload { update { id } } ... on UserError { message } } }`;

/** ms between tries of a caller whose request got no definite answer. */
const RETRY_MS = 100;

/** Callers that submit updates, one lane after the other in order, and ask again until they know. */
export class Submitter {
  readonly #gatewayUrl: string;
  readonly #random: Random;
  readonly accepted: Accepted[] = [];
  /** Answers that said "unavailable", or got lost with their connection. */
  unanswered = 0;
  #next = 0;

  constructor(gatewayUrl: string, random: Random) {
    this.#gatewayUrl = gatewayUrl;
    this.#random = random;
  }

  /** Submits `count` updates over the referrals; every lane has one caller, which waits for each answer. */
  async submit(
    referralIds: readonly string[],
    count: number,
    options: { appendShare?: number; pauseMs?: number } = {},
  ): Promise<void> {
    const perLane = Math.ceil(count / referralIds.length);
    await Promise.all(
      referralIds.map(async (referralId) => {
        for (let i = 0; i < perLane; i++) {
          await this.#submitOne(referralId, options.appendShare ?? 0.5);
          if (options.pauseMs !== undefined) {
            await sleep(this.#random.between(0, options.pauseMs * 2));
          }
        }
      }),
    );
  }

  async #submitOne(referralId: string, appendShare: number): Promise<void> {
    const n = ++this.#next;
    const isAppend = this.#random.next() < appendShare;
    const effect = isAppend
      ? { notes: undefined, email: `person.${n}@fault.example` }
      : { notes: `note ${n}`, email: undefined };
    const changes = isAppend
      ? { team: { add: [{ email: effect.email, firstName: "Fault", lastName: String(n) }] } }
      : { details: { notes: effect.notes } };
    const input = { referralId, changes, waitMs: 0, idempotencyKey: `fault-${n}` };
    for (;;) {
      const id = await this.#try(input);
      if (id !== undefined) {
        this.accepted.push({ id, referralId, ...effect });
        return;
      }
      this.unanswered += 1;
      await sleep(RETRY_MS);
    }
  }

  async #try(input: unknown): Promise<string | undefined> {
    try {
      const response = await fetch(this.#gatewayUrl, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ query: MUTATION, variables: { input } }),
        signal: AbortSignal.timeout(10_000),
      });
      const { data, errors } = (await response.json()) as {
        data?: { updateReferral: { __typename: string; update?: { id: string } } } | null;
        errors?: { message: string }[];
      };
      const result = data?.updateReferral;
      if (
        result?.__typename === "UpdateReferralPayload" ||
        result?.__typename === "ServiceUnavailableError"
      ) {
        return result.update?.id;
      }
      throw new UnexpectedAnswerError(JSON.stringify(errors ?? result));
    } catch (error) {
      if (error instanceof UnexpectedAnswerError) {
        throw error;
      }
      return undefined;
    }
  }
}

class UnexpectedAnswerError extends Error {
  override readonly name = "UnexpectedAnswerError";
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
