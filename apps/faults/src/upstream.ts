/** One request as the simulator saw it. */
export interface UpstreamRequest {
  /** In order of arrival. */
  readonly seq: number;
  /** Of the simulator's monotonic clock; `endMs` is null while it is under way. */
  readonly startMs: number;
  readonly endMs: number | null;
  readonly method: string;
  readonly referralId: string | null;
  readonly status: number | null;
  readonly retryAfterMs: number | null;
  /** For a PATCH its operations; null when it was refused unread. */
  readonly body: unknown;
  readonly applied: boolean;
  readonly concurrentWritesSameReferral: number;
}

export interface UpstreamReferral {
  readonly id: string;
  readonly name?: string | null;
  readonly externalReferenceId?: string | null;
  readonly status?: string;
  readonly details?: { readonly notes?: string | null } | null;
  readonly statusReason?: string | null;
  readonly team?: readonly { readonly email?: string | null }[] | null;
}

export interface UpstreamState {
  readonly uptimeMs: number;
  readonly limits: { readonly limiter: string };
  /** Totals since the start, or since the log was emptied. */
  readonly counters: { readonly total: number; readonly throttled: number };
  readonly faults: readonly {
    readonly rule: { readonly fault: { readonly kind: string; readonly status?: number } };
    readonly struck: number;
  }[];
}

const PAGE = 100;
const CALLS_AT_ONCE = 20;

/** The simulator's control surface: what really happened, and how to make it misbehave. */
export class Upstream {
  readonly #apiUrl: string;
  readonly #controlUrl: string;
  /** How often rules struck, by what they did; counted when they are taken back. */
  readonly struck = new Map<string, number>();

  constructor(apiUrl: string, controlUrl: string) {
    this.#apiUrl = apiUrl;
    this.#controlUrl = controlUrl;
  }

  state(): Promise<UpstreamState> {
    return this.#get("/state");
  }

  /** Of everybody; our own calls are made before {@link forgetRequests}. */
  async requests(): Promise<readonly UpstreamRequest[]> {
    return (await this.#get<{ requests: UpstreamRequest[] }>("/requests")).requests;
  }

  /** Empties the request log. */
  async forgetRequests(): Promise<void> {
    await this.#send("DELETE", "/requests");
  }

  /** The referrals as they really are, past the API. */
  async referrals(ids: readonly string[]): Promise<ReadonlyMap<string, UpstreamReferral>> {
    const found = new Map<string, UpstreamReferral>();
    for (let at = 0; at < ids.length; at += CALLS_AT_ONCE) {
      const some = ids.slice(at, at + CALLS_AT_ONCE);
      const read = some.map((id) => this.#get<UpstreamReferral>(`/referrals/${id}`));
      for (const referral of await Promise.all(read)) {
        found.set(referral.id, referral);
      }
    }
    return found;
  }

  /** Lists the first referrals, with the limit off meanwhile. */
  async referralIds(count: number): Promise<string[]> {
    const { limits } = await this.state();
    await this.limit({ limiter: "none" });
    const ids: string[] = [];
    while (ids.length < count) {
      const top = Math.min(PAGE, count - ids.length);
      const url = `${this.#apiUrl}/engagements/referrals?$top=${top}&$skip=${ids.length}&$select=id`;
      const headers = {
        authorization: "Bearer simulator-token",
        "client-request-id": crypto.randomUUID(),
      };
      const page = (await (await fetch(url, { headers })).json()) as { value: { id: string }[] };
      if (page.value.length === 0) {
        throw new Error(`the simulator has only ${ids.length} referrals`);
      }
      ids.push(...page.value.map(({ id }) => id));
    }
    await this.limit({ limiter: limits.limiter });
    return ids;
  }

  /** Adds a referral, or replaces it. */
  async put(id: string, referral: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#send("PUT", `/referrals/${id}`, referral);
  }

  /** Somebody else changes these. */
  async change(
    ids: readonly string[],
    operation: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    await this.#send("PATCH", "/referrals", { ids, patch: [operation] });
  }

  /** Adds one fault rule, or several. */
  async misbehave(
    rules: Readonly<Record<string, unknown>> | readonly Readonly<Record<string, unknown>>[],
  ): Promise<void> {
    await this.#send("POST", "/faults", rules);
  }

  /** How often each of the rules in force has struck, by what it does. */
  async strikes(): Promise<ReadonlyMap<string, number>> {
    const strikes = new Map<string, number>();
    for (const { rule, struck } of (await this.state()).faults) {
      const { kind, status } = rule.fault;
      const name = status === undefined ? kind : `status ${status}`;
      strikes.set(name, (strikes.get(name) ?? 0) + struck);
    }
    return strikes;
  }

  /** Takes back every rule. */
  async behave(): Promise<void> {
    for (const [name, times] of await this.strikes()) {
      this.struck.set(name, (this.struck.get(name) ?? 0) + times);
    }
    await this.#send("DELETE", "/faults");
  }

  async limit(limits: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#send("PUT", "/limits", limits);
  }

  async tokens(change: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#send("PUT", "/tokens", change);
  }

  async #get<Answer>(path: string): Promise<Answer> {
    const response = await fetch(this.#controlUrl + path);
    return (await response.json()) as Answer;
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
