import { type AskGateway, UPDATE_REFERRAL, updateResult } from "./graphql-client.ts";

/** One accepted update of the run. */
export interface SubmittedUpdate {
  readonly id: string;
  readonly referralId: string;
  readonly notes: string;
}

/** Updates submitted at a time; those of one referral one after the other, so that their order is known. */
const AT_A_TIME = 10;

/** Submits `count` updates spread over the referrals, `waitMs: 0`; answers them in the order accepted. */
export async function submitMany(
  ask: AskGateway,
  referralIds: readonly string[],
  count: number,
): Promise<SubmittedUpdate[]> {
  const submitted: SubmittedUpdate[] = [];
  for (let next = 0; next < count; next += AT_A_TIME) {
    const batch = Array.from({ length: Math.min(AT_A_TIME, count - next) }, (_, i) => next + i);
    const results = await Promise.all(
      batch.map(async (n) => {
        const referralId = referralIds[n % referralIds.length] ?? "";
        const notes = `note ${n + 1}`;
        const input = { referralId, waitMs: 0, changes: { details: { notes } } };
        const result = updateResult(await ask(UPDATE_REFERRAL, { input }));
        return { id: result?.update?.id ?? "", referralId, notes };
      }),
    );
    submitted.push(...results.filter(({ id }) => id !== ""));
  }
  return submitted;
}

const SETTLED = new Set(["APPLIED", "UNCHANGED", "FAILED", "CANCELLED"]);
const IDS_A_QUERY = 50;

/** What the gateway tells of one update. */
export interface Fate {
  readonly id: string;
  readonly state: string;
  /** Updates that left in the same PATCH. */
  readonly mergedWith: readonly string[];
}

/** The fate of every update, by id. */
export async function readFates(
  ask: AskGateway,
  updates: readonly SubmittedUpdate[],
): Promise<Map<string, Fate>> {
  const fates = new Map<string, Fate>();
  for (let at = 0; at < updates.length; at += IDS_A_QUERY) {
    const page = updates.slice(at, at + IDS_A_QUERY);
    const fields = page.map(
      ({ id }, n) => `u${n}: referralUpdate(id: ${JSON.stringify(id)}) { id state mergedWith }`,
    );
    const answer = await ask(`{ ${fields.join(" ")} }`);
    for (const update of Object.values(answer.data ?? {})) {
      const fate = update as Fate;
      fates.set(fate.id, fate);
    }
  }
  return fates;
}

/** Looks until every update is final or the time is up; tells each time how far it is. */
export async function untilSettled(
  ask: AskGateway,
  updates: readonly SubmittedUpdate[],
  timeoutMs: number,
  onProgress: (settled: number) => void,
): Promise<Map<string, Fate>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const fates = await readFates(ask, updates);
    const settled = [...fates.values()].filter(({ state }) => SETTLED.has(state)).length;
    onProgress(settled);
    if (settled === updates.length || performance.now() > deadline) {
      return fates;
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
