import { type Accepted, sleep } from "./submitter.ts";

/** What the gateway says of one update. */
export interface UpdateFate {
  readonly id: string;
  readonly state: string;
  readonly attempts: number;
  readonly mergedWith: readonly string[];
  readonly error: { readonly code: string; readonly message: string } | null;
}

const FINAL = new Set(["APPLIED", "UNCHANGED", "FAILED", "CANCELLED"]);
const IDS_A_QUERY = 40;

/** Asks for every update's fate until all are final or the time is up; answers by id. */
export async function untilSettled(
  gatewayUrl: string,
  updates: readonly Accepted[],
  timeoutMs: number,
): Promise<ReadonlyMap<string, UpdateFate>> {
  const fates = new Map<string, UpdateFate>();
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const open = updates.filter(({ id }) => !FINAL.has(fates.get(id)?.state ?? ""));
    if (open.length === 0 || performance.now() > deadline) {
      return fates;
    }
    for (let at = 0; at < open.length; at += IDS_A_QUERY) {
      for (const fate of await readFates(gatewayUrl, open.slice(at, at + IDS_A_QUERY))) {
        fates.set(fate.id, fate);
      }
    }
    await sleep(300);
  }
}

async function readFates(gatewayUrl: string, updates: readonly Accepted[]): Promise<UpdateFate[]> {
  const fields = updates.map(
    ({ id }, n) =>
      `u${n}: referralUpdate(id: ${JSON.stringify(id)}) { id state attempts mergedWith error { code message } }`,
  );
  try {
    const response = await fetch(gatewayUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: `{ ${fields.join(" ")} }` }),
    });
    const { data } = (await response.json()) as { data?: Record<string, UpdateFate | null> | null };
    return Object.values(data ?? {}).filter((fate) => fate !== null);
  } catch {
    return [];
  }
}
