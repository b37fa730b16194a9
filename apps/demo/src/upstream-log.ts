import { setTimeout as sleep } from "node:timers/promises";

/** One request as the simulator saw it. */
export interface UpstreamRequest {
  readonly seq: number;
  readonly startMs: number;
  readonly method: string;
  readonly referralId: string | null;
  readonly status: number | null;
  readonly applied: boolean;
  readonly body: unknown;
  readonly concurrentWritesSameReferral: number;
}

/** The simulator's own view of what arrived, in order. */
export async function readUpstreamLog(controlUrl: string): Promise<readonly UpstreamRequest[]> {
  const response = await fetch(`${controlUrl}/requests`);
  return ((await response.json()) as { requests: UpstreamRequest[] }).requests;
}

export interface ReferralRow {
  readonly id: string;
  readonly name: string | null;
}

/** Every referral there is, page by page, by calls of our own; waits when the simulator wants it to. */
export async function readAllReferrals(upstreamUrl: string): Promise<ReferralRow[]> {
  const found: ReferralRow[] = [];
  let url: string | undefined = `${upstreamUrl}/engagements/referrals?$select=id,name`;
  while (url !== undefined) {
    const response: Response = await fetch(url, { headers: ownHeaders() });
    if (response.status === 429) {
      await sleep(1_000 * Number(response.headers.get("retry-after") ?? 1));
      continue;
    }
    const page = (await response.json()) as { value: ReferralRow[]; "@odata.nextLink"?: string };
    found.push(...page.value);
    url = page["@odata.nextLink"];
  }
  return found;
}

function ownHeaders(): Record<string, string> {
  return { authorization: "Bearer simulator-token", "client-request-id": crypto.randomUUID() };
}

/** Ids of seeded referrals, by one list call of our own. */
export async function readReferralIds(upstreamUrl: string, count: number): Promise<string[]> {
  const response = await fetch(`${upstreamUrl}/engagements/referrals?$top=${count}&$select=id`, {
    headers: ownHeaders(),
  });
  return ((await response.json()) as { value: { id: string }[] }).value.map(({ id }) => id);
}

export async function clearUpstreamLog(controlUrl: string): Promise<void> {
  await fetch(`${controlUrl}/requests`, { method: "DELETE" });
}
