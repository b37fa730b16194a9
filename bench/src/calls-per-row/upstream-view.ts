import type { LocalStack } from "@patchlane/local-stack";
import { request } from "undici";

/** Upstream calls as the simulator's request log has them. */
export interface CallCounts {
  readonly lists: number;
  readonly reads: number;
  readonly writes: number;
  /** Of them: refused by the limiter. */
  readonly refused: number;
}

export const UPSTREAM_TOKEN = "simulator-token";

/** The upstream as only a benchmark sees it: what it holds, what it was asked, how fast it may be asked. */
export class UpstreamView {
  readonly #stack: Pick<LocalStack, "controlUrl" | "upstreamUrl">;

  constructor(stack: Pick<LocalStack, "controlUrl" | "upstreamUrl">) {
    this.#stack = stack;
  }

  get url(): string {
    return this.#stack.upstreamUrl;
  }

  /** At most so many calls in any second; undefined: no limit. */
  async limit(ratePerSecond: number | undefined): Promise<void> {
    await this.#control(
      "PUT",
      "limits",
      ratePerSecond === undefined
        ? { limiter: "none" }
        : { limiter: "sliding-window", rate: ratePerSecond },
    );
  }

  /** Referrals, log and limit as started. */
  async reset(): Promise<void> {
    await this.#control("POST", "reset");
  }

  async forgetCalls(): Promise<void> {
    await this.#control("DELETE", "requests");
  }

  async calls(): Promise<CallCounts> {
    const { requests } = (await this.#control("GET", "requests")) as {
      requests: { method: string; referralId: string | null; status: number | null }[];
    };
    const count = (method: string, isOfOne: boolean): number =>
      requests.filter((one) => one.method === method && (one.referralId !== null) === isOfOne)
        .length;
    return {
      lists: count("GET", false),
      reads: count("GET", true),
      writes: count("PATCH", true),
      refused: requests.filter(({ status }) => status === 429).length,
    };
  }

  /** Name of every referral; takes the limit away and stands in the log. */
  async names(): Promise<Map<string, string>> {
    await this.limit(undefined);
    const names = new Map<string, string>();
    let next: string | undefined = `${this.url}/engagements/referrals`;
    while (next !== undefined) {
      const headers = {
        authorization: `Bearer ${UPSTREAM_TOKEN}`,
        "client-request-id": crypto.randomUUID(),
      };
      const { body } = await request(next, { headers });
      const page = (await body.json()) as {
        value: { id: string; name: string }[];
        "@odata.nextLink"?: string;
      };
      for (const { id, name } of page.value) {
        names.set(id, name);
      }
      next = page["@odata.nextLink"];
    }
    return names;
  }

  async #control(method: "GET" | "PUT" | "POST" | "DELETE", path: string, body?: unknown) {
    const answer = await request(`${this.#stack.controlUrl}/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) {
      throw new Error(`simulator, ${method} ${path}: ${answer.statusCode} ${text}`);
    }
    return text === "" ? undefined : (JSON.parse(text) as unknown);
  }
}

export function totalOf({ lists, reads, writes }: CallCounts): number {
  return lists + reads + writes;
}
