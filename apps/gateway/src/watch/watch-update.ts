import { isFinal, type ReferralUpdate } from "@patchlane/update-queue";
import { callerError } from "../errors.ts";
import type { GatewayContext } from "../services.ts";
import { findUpdate } from "../visible-updates.ts";
import { type Followed, follow } from "./follow.ts";
import { interruptible } from "./interruptible.ts";

/** An update as it is now, then at every change, until it is final. Throws NOT_FOUND when it is unknown, or somebody else's. */
export async function watchUpdate(
  context: Pick<GatewayContext, "services" | "caller">,
  id: string,
): Promise<AsyncIterable<ReferralUpdate | Error>> {
  const look = (): Promise<ReferralUpdate | undefined> => findUpdate(context, id);
  if ((await look()) === undefined) {
    throw callerError("NOT_FOUND", "There is no such update");
  }
  const followed: Followed<ReferralUpdate> = {
    id,
    look,
    tell: tellUpdate,
    isOver: ({ state }) => isFinal(state),
    everyMs: 0,
  };
  return interruptible((signal) => follow(context, followed, signal));
}

/** States that were entered and left between two looks are told, too. */
function tellUpdate(
  told: ReferralUpdate | undefined,
  heard: readonly string[],
  latest: ReferralUpdate,
): ReferralUpdate[] {
  if (told === undefined) {
    return [latest];
  }
  let before = told;
  const news: ReferralUpdate[] = [];
  for (const state of heard) {
    if ((state === "QUEUED" || state === "SENDING") && state !== before.state) {
      before = asItWas(latest, state);
      news.push(before);
    }
  }
  return isSame(before, latest) ? news : [...news, latest];
}

/** The update on its way: without what only its end brought. */
function asItWas(
  { error: _error, finishedAt: _finishedAt, etag: _etag, ...rest }: ReferralUpdate,
  state: "QUEUED" | "SENDING",
): ReferralUpdate {
  return { ...rest, state };
}

function isSame(a: ReferralUpdate, b: ReferralUpdate): boolean {
  return a.state === b.state && a.attempts === b.attempts && a.referralId === b.referralId;
}
