/** What the gateway says of one update. */
export interface UpdateFate {
  readonly id: string;
  readonly state: string;
  readonly attempts: number;
  readonly mergedWith: readonly string[];
  readonly error: { readonly code: string; readonly message: string } | null;
}

export interface QueueView {
  readonly paused: boolean;
  readonly pausedReason: string | null;
  readonly ratePerSecond: number;
}

/** What became of one try to submit. */
export type SubmitAnswer =
  | { readonly kind: "accepted"; readonly id: string }
  | { readonly kind: "unknown" };

/** Thrown when the gateway gave a definite answer that no caller should get. */
export class UnexpectedAnswerError extends Error {
  override readonly name = "UnexpectedAnswerError";
}

const SUBMIT = `mutation($input: UpdateReferralInput!) { updateReferral(input: $input) {
  __typename ... on UpdateReferralPayload { update { id } } ... on UserError { message } } }`;
const TIMEOUT_MS = 15_000;

/** The gateway as its callers see it. */
export class Gateway {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** `unknown` when there was no answer or the gateway said that it cannot accept now: ask again. */
  async submit(input: unknown): Promise<SubmitAnswer> {
    const answer = await this.#query<{
      updateReferral: { __typename: string; update?: { id: string } };
    }>(SUBMIT, { input });
    const result = answer?.data?.updateReferral;
    if (result?.__typename === "UpdateReferralPayload" && result.update !== undefined) {
      return { kind: "accepted", id: result.update.id };
    }
    if (answer === undefined || result?.__typename === "ServiceUnavailableError") {
      return { kind: "unknown" };
    }
    throw new UnexpectedAnswerError(JSON.stringify(answer));
  }

  /** Those that could be read. */
  async fates(ids: readonly string[]): Promise<UpdateFate[]> {
    const fields = ids.map(
      (id, n) =>
        `u${n}: referralUpdate(id: ${JSON.stringify(id)}) { id state attempts mergedWith error { code message } }`,
    );
    const answer = await this.#query<Record<string, UpdateFate | null>>(`{ ${fields.join(" ")} }`);
    return Object.values(answer?.data ?? {}).filter((fate) => fate !== null);
  }

  async queue(): Promise<QueueView | undefined> {
    const answer = await this.#query<{ queue: QueueView }>(
      "{ queue { paused pausedReason ratePerSecond } }",
    );
    return answer?.data?.queue;
  }

  /** The body of `/health/ready` as text; undefined without an answer. */
  async readiness(): Promise<string | undefined> {
    try {
      const response = await fetch(new URL("/health/ready", this.#url), {
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return await response.text();
    } catch {
      return undefined;
    }
  }

  async #query<Data>(
    query: string,
    variables: unknown = {},
  ): Promise<{ data?: Data | null } | undefined> {
    try {
      const response = await fetch(this.#url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ query, variables }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return (await response.json()) as { data?: Data | null };
    } catch {
      return undefined; // no answer, or half of one
    }
  }
}
