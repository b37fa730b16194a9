import type { Gateway, UpdateFate } from "./gateway.ts";
import { sleep } from "./sleep.ts";

const FINAL = new Set(["APPLIED", "UNCHANGED", "FAILED", "CANCELLED"]);
const IDS_A_QUERY = 40;
/** ms between two looks, and more the more there is to ask for: looking must not be the load. */
const LOOK_AGAIN_MS = 250;
const MORE_MS_AN_UPDATE = 0.5;

/** Asks for every update's fate until all are final or the time is up; answers by id. */
export async function untilSettled(
  gateway: Gateway,
  updates: readonly { readonly id: string }[],
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
      const ids = open.slice(at, at + IDS_A_QUERY).map(({ id }) => id);
      for (const fate of await gateway.fates(ids)) {
        fates.set(fate.id, fate);
      }
    }
    await sleep(LOOK_AGAIN_MS + open.length * MORE_MS_AN_UPDATE);
  }
}

/** Whether every update is final, as far as could be read. */
export function areAllFinal(
  updates: readonly { readonly id: string }[],
  fates: ReadonlyMap<string, UpdateFate>,
): boolean {
  return updates.every(({ id }) => FINAL.has(fates.get(id)?.state ?? ""));
}
