import { Pool } from "undici";
import type { Row } from "./rows.ts";
import { UPSTREAM_TOKEN } from "./upstream-view.ts";

/** Calls in flight; unpaced, only their number is looked at. */
const IN_FLIGHT = 16;

/** Brings rows to the upstream at `url`, with whatever calls it takes. */
export type Rival = (url: string, rows: readonly Row[]) => Promise<void>;

interface Listed {
  readonly id: string;
  readonly name: string;
  readonly eTag: string;
}

/** Every row is a PATCH, whether it changes anything or not. */
export const blindWrite: Rival = (url, rows) =>
  withCalls(url, async ({ patch }) => {
    await forEachReferral(rows, (row) => patch(row));
  });

/** For every row: GET, compare, and PATCH with the ETag as If-Match when it differs. */
export const readThenWrite: Rival = (url, rows) =>
  withCalls(url, async ({ get, patch }) => {
    await forEachReferral(rows, async (row) => {
      const referral = (await get(`/${row.referralId}`)) as Listed;
      if (referral.name !== row.name) {
        await patch(row, referral.eTag);
      }
    });
  });

/** Every page of the list first; then PATCH with If-Match where the row differs from what the list showed. */
export const listThenWrite: Rival = (url, rows) =>
  withCalls(url, async ({ get, patch }) => {
    const listed = new Map<string, Listed>();
    let next: string | undefined = "";
    while (next !== undefined) {
      const page = (await get(next)) as { value: Listed[]; "@odata.nextLink"?: string };
      for (const referral of page.value) {
        listed.set(referral.id, referral);
      }
      const link = page["@odata.nextLink"];
      next = link === undefined ? undefined : new URL(link).search;
    }
    const changed = rows.filter(({ referralId, name }) => listed.get(referralId)?.name !== name);
    await forEachReferral(changed, (row) => patch(row, listed.get(row.referralId)?.eTag));
  });

interface Calls {
  /** `path` behind the collection's. */
  get(path: string): Promise<unknown>;
  patch(row: Row, ifMatch?: string): Promise<void>;
}

async function withCalls(url: string, work: (calls: Calls) => Promise<void>): Promise<void> {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: IN_FLIGHT });
  const call = async (
    method: "GET" | "PATCH",
    path: string,
    more: { headers?: Record<string, string>; body?: string } = {},
  ): Promise<unknown> => {
    const { statusCode, body } = await pool.request({
      method,
      path: `${pathname}/engagements/referrals${path}`,
      headers: {
        authorization: `Bearer ${UPSTREAM_TOKEN}`,
        "client-request-id": crypto.randomUUID(),
        ...more.headers,
      },
      ...(more.body === undefined ? {} : { body: more.body }),
    });
    const text = await body.text();
    if (statusCode >= 300) {
      throw new Error(`${method} ${path}: ${statusCode} ${text}`);
    }
    return text === "" ? undefined : JSON.parse(text);
  };
  try {
    await work({
      get: (path) => call("GET", path),
      patch: async ({ referralId, name }, ifMatch) => {
        await call("PATCH", `/${referralId}`, {
          headers: {
            "content-type": "application/json",
            ...(ifMatch === undefined ? {} : { "if-match": ifMatch }),
          },
          body: JSON.stringify([{ op: "replace", path: "/name", value: name }]),
        });
      },
    });
  } finally {
    await pool.close();
  }
}

/** Rows of one referral in their order, different referrals side by side. */
async function forEachReferral(
  rows: readonly Row[],
  each: (row: Row) => Promise<void>,
): Promise<void> {
  const queues = [...Map.groupBy(rows, ({ referralId }) => referralId).values()];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let queue = queues[next++]; queue !== undefined; queue = queues[next++]) {
      for (const row of queue) {
        await each(row);
      }
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, work));
}
