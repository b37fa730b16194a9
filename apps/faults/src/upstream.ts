/** One request as the simulator saw it. */
export interface UpstreamRequest {
  readonly startMs: number;
  readonly method: string;
  readonly referralId: string | null;
  readonly status: number | null;
  readonly applied: boolean;
  readonly concurrentWritesSameReferral: number;
}

export interface UpstreamReferral {
  readonly id: string;
  readonly details?: { readonly notes?: string | null } | null;
  readonly team?: readonly { readonly email?: string | null }[] | null;
}

/** The simulator's control surface: what really happened, and how to make it misbehave. */
export class Upstream {
  readonly #apiUrl: string;
  readonly #controlUrl: string;

  constructor(apiUrl: string, controlUrl: string) {
    this.#apiUrl = apiUrl;
    this.#controlUrl = controlUrl;
  }

  async requests(): Promise<readonly UpstreamRequest[]> {
    const response = await fetch(`${this.#controlUrl}/requests`);
    return ((await response.json()) as { requests: UpstreamRequest[] }).requests;
  }

  /** The referral as it really is, past the API. */
  async referral(id: string): Promise<UpstreamReferral> {
    const response = await fetch(`${this.#controlUrl}/referrals/${id}`);
    return (await response.json()) as UpstreamReferral;
  }

  async referralIds(count: number): Promise<string[]> {
    const url = `${this.#apiUrl}/engagements/referrals?$top=${count}&$select=id`;
    const headers = {
      authorization: "Bearer simulator-token",
      "client-request-id": crypto.randomUUID(),
    };
    const response = await fetch(url, { headers });
    return ((await response.json()) as { value: { id: string }[] }).value.map(({ id }) => id);
  }

  async misbehave(rule: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#send("POST", "/faults", rule);
  }

  async behave(): Promise<void> {
    await this.#send("DELETE", "/faults");
  }

  async limit(limits: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#send("PUT", "/limits", limits);
  }

  async tokens(change: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#send("PUT", "/tokens", change);
  }

  async #send(method: string, path: string, body?: unknown): Promise<void> {
    const response = await fetch(this.#controlUrl + path, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    if (!response.ok) {
      throw new Error(
        `simulator control ${method} ${path}: ${response.status} ${await response.text()}`,
      );
    }
  }
}
