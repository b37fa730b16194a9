import { Pool } from "undici";

/** How long the upstream wants to be left alone (ms); undefined when it took the call. */
export type RefusedForMs = number | undefined;

export interface PatchCalls {
  patch(referralId: string): Promise<RefusedForMs>;
  /** Opens every socket and runs the code warm; what the upstream says to it does not count. */
  warmUp(): Promise<void>;
}

const BODY = JSON.stringify([{ op: "replace", path: "/details/notes", value: "called back" }]);
/** Rounds of calls on every socket before anything is measured. */
const WARM_ROUNDS = 20;

/** Calls of a rival: undici with kept-alive sockets, the cheapest client there is for Node. */
export function patchCalls(upstreamUrl: string, connections: number): PatchCalls {
  const { origin, pathname } = new URL(upstreamUrl);
  const pool = new Pool(origin, { connections });
  const patch = async (referralId: string): Promise<RefusedForMs> => {
    const { statusCode, headers, body } = await pool.request({
      method: "PATCH",
      path: `${pathname}/engagements/referrals/${referralId}`,
      headers: { authorization: "Bearer bench", "content-type": "application/json" },
      body: BODY,
    });
    await body.json(); // the referral is read, as whoever keeps its ETag has to
    if (statusCode === 429) {
      return Number(headers["retry-after"]) * 1_000;
    }
    if (statusCode !== 200) {
      throw new Error(`the upstream answered ${statusCode}`);
    }
    return undefined;
  };
  return {
    patch,
    warmUp: async () => {
      for (let round = 0; round < WARM_ROUNDS; round++) {
        await Promise.all(Array.from({ length: connections }, () => patch("warm-up")));
      }
    },
  };
}
