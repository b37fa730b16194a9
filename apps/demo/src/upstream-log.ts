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

/** Ids of seeded referrals, by one list call of our own. */
export async function readReferralIds(upstreamUrl: string, count: number): Promise<string[]> {
  const response = await fetch(`${upstreamUrl}/engagements/referrals?$top=${count}&$select=id`, {
    headers: { authorization: "Bearer simulator-token", "client-request-id": crypto.randomUUID() },
  });
  return ((await response.json()) as { value: { id: string }[] }).value.map(({ id }) => id);
}

export async function clearUpstreamLog(controlUrl: string): Promise<void> {
  await fetch(`${controlUrl}/requests`, { method: "DELETE" });
}
