import { openUpdateQueue } from "@patchlane/update-queue";
import { referralIdOf } from "./rivals/rival.ts";

/** Updates accepted at a time. */
const ACCEPTED_TOGETHER = 100;

/** Accepts updates as the gateway does, each on a referral of its own. */
export async function acceptUpdates(
  redisUrl: string,
  { first, count }: { readonly first: number; readonly count: number },
): Promise<void> {
  const queue = openUpdateQueue({
    redisUrl,
    rate: { ratePerSecond: 1, burst: 1 },
    onError: (error) => {
      throw error;
    },
  });
  try {
    await queue.untilConnected(5_000);
    const patch = [{ op: "replace", path: "/details/notes", value: "called back" }] as const;
    const intent = { changes: { details: { notes: "called back" } } };
    for (let done = 0; done < count; done += ACCEPTED_TOGETHER) {
      const indexes = Array.from(
        { length: Math.min(ACCEPTED_TOGETHER, count - done) },
        (_, index) => first + done + index,
      );
      await Promise.all(
        indexes.map(async (index) => {
          const referralId = referralIdOf(index);
          await queue.ledger.accept({ referralId, intent, patch, submittedBy: "bench" });
          await queue.wake(referralId);
        }),
      );
    }
  } finally {
    await queue.close();
  }
}
