import { Pool } from "undici";
import { type Contender, patchOf } from "./contender.ts";

/** The physical limit: the caller PATCHes the upstream itself. */
export function openDirect(upstreamUrl: string): Contender & { close(): Promise<void> } {
  const { origin, pathname } = new URL(upstreamUrl);
  const pool = new Pool(origin, { connections: 16 });
  return {
    change: async (referralId, n) => {
      const { body } = await pool.request({
        method: "PATCH",
        path: `${pathname}/engagements/referrals/${referralId}`,
        headers: { "content-type": "application/json-patch+json", authorization: "Bearer none" },
        body: JSON.stringify(patchOf(n)),
      });
      await body.text();
    },
    close: () => pool.close(),
  };
}
