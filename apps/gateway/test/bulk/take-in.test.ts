import { once } from "node:events";
import { type LocalRedis, startLocalRedis } from "@patchlane/local-redis";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { listen, post } from "../support/listening.ts";
import {
  answerOf,
  chunk,
  connectTo,
  LAST_CHUNK,
  line,
  uploadHead,
} from "../support/upload-server.ts";

/** For a busy machine. */
const PATIENCE = { timeout: 20_000, interval: 20 };

let redis: LocalRedis;
beforeAll(async () => {
  redis = await startLocalRedis({ durable: false });
});
afterAll(() => redis.stop());

/** Nobody upstream is asked for anything here. */
const start = () => listen({ redisUrl: redis.url, upstreamUrl: "http://127.0.0.1:9/v1.0" });

interface Taken {
  readonly __typename: string;
  readonly message?: string;
  readonly issues?: readonly { readonly path: string }[];
  readonly bulkUpdate?: { readonly id: string; readonly counts: object };
}

async function submit(origin: string, input: object): Promise<Taken> {
  const { data, errors } = await post(
    origin,
    `mutation ($input: BulkUpdateReferralsInput!) {
      bulkUpdateReferrals(input: $input) {
        __typename
        ... on BulkUpdatePayload {
          bulkUpdate { id label submittedBy dryRun skipUnchanged counts { total queued failed } }
        }
        ... on UserError { message }
        ... on InvalidInputError { issues { path } }
      }
    }`,
    { input },
  );
  expect(errors).toBe(undefined);
  return (data as { bulkUpdateReferrals: Taken }).bulkUpdateReferrals;
}

async function countsOf(origin: string, id: string): Promise<Record<string, number>> {
  const { data } = await post(
    origin,
    "query ($id: ID!) { bulkUpdate(id: $id) { counts { total queued failed } } }",
    { id },
  );
  return (data as { bulkUpdate: { counts: Record<string, number> } }).bulkUpdate.counts;
}

async function upload(origin: string, query: string, type: string, body: string) {
  const headers = { "content-type": type };
  const response = await fetch(`${origin}/bulk-updates${query}`, { method: "POST", headers, body });
  const { id, error } = (await response.json()) as { id: string; error?: { code: string } };
  return { status: response.status, id, code: error?.code };
}

const item = (referralId: string, name: string) => ({ referralId, changes: { name } });

test("items come in as one bulk update; what is wrong with one is that row's failure", async () => {
  const origin = await start();
  const items = [
    item("r-1", "x"),
    { referralId: "r-2" },
    { externalReferenceId: "crm-3", patch: [{ op: "replace", path: "/name", value: "x" }] },
  ];
  expect(await submit(origin, { items, label: "tonight", dryRun: true })).toMatchObject({
    __typename: "BulkUpdatePayload",
    bulkUpdate: {
      label: "tonight",
      submittedBy: "dev",
      dryRun: true,
      skipUnchanged: true,
      counts: { total: 3, queued: 2, failed: 1 },
    },
  });
});

test("a row that is nested without end is bad, and does not hide the results of the others; inline it is refused", async () => {
  const origin = await start();
  const deep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
  const bad = `{"referralId":"r-2","changes":{"details":${deep}}}`;
  const body = `${line(1)}${bad}\n${line(3)}`;
  const { id } = await upload(origin, "", "application/x-ndjson", body);
  const results = await fetch(`${origin}/bulk-updates/${id}/results.ndjson`);
  const states = (await results.text())
    .trimEnd()
    .split("\n")
    .map((each) => JSON.parse(each).state);
  expect(states).toEqual(["QUEUED", "FAILED", "QUEUED"]);

  const query =
    "mutation ($input: BulkUpdateReferralsInput!) { bulkUpdateReferrals(input: $input) { __typename } }";
  const input = `{"items":[{"referralId":"r-1","patch":[{"op":"replace","path":"/name","value":${deep}}]}]}`;
  const response = await fetch(`${origin}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: `{"query":${JSON.stringify(query)},"variables":{"input":${input}}}`,
  });
  expect(await response.json()).toMatchObject({
    errors: [{ extensions: { code: "VARIABLES_TOO_COMPLEX" } }],
  });
});

test("no items, more than a thousand, or options that cannot be: nothing is accepted", async () => {
  const origin = await start();
  const many = Array.from({ length: 1_001 }, (_, row) => item(`r-${row}`, "x"));
  for (const items of [undefined, null, [], many]) {
    const refused = await submit(origin, { items });
    expect(refused).toMatchObject({
      __typename: "InvalidInputError",
      issues: [{ path: "/items" }],
    });
  }
  const wrong = { items: [], idempotencyKey: "", callbackUrl: "https://crm.example/" };
  const refused = await submit(origin, wrong);
  expect(refused.issues?.map(({ path }) => path)).toEqual([
    "/items",
    "/idempotencyKey",
    "/callbackUrl",
  ]);
  expect((await submit(origin, { items: many.slice(1) })).__typename).toBe("BulkUpdatePayload");
});

test("same key and same items are the same bulk update, other items an error", async () => {
  const origin = await start();
  const patch = (value: object) => [{ op: "add", path: "/team/-", value }];
  const input = (value: object) => ({
    idempotencyKey: "inline-1",
    items: [{ referralId: "r-1", patch: patch(value) }],
  });
  const first = await submit(origin, input({ email: "a@b.c", firstName: "A" }));
  const again = await submit(origin, input({ firstName: "A", email: "a@b.c" }));
  expect(again.bulkUpdate?.id).toBe(first.bulkUpdate?.id);
  const other = await submit(origin, input({ email: "a@b.c" }));
  expect(other.__typename).toBe("IdempotencyMismatchError");
});

test("the same items under one key at the same time are one bulk update, for everybody", async () => {
  const origin = await start();
  const items = Array.from({ length: 200 }, (_, row) => item(`r-${row}`, "x"));
  const input = { items, idempotencyKey: "inline-at-once" };
  const answers = await Promise.all([1, 2, 3].map(() => submit(origin, input)));
  const [id, ...others] = new Set(answers.map(({ bulkUpdate }) => bulkUpdate?.id));
  expect(id).toMatch(/^blk_/);
  expect(others).toEqual([]);
});

test("20,000 rows of CSV: all are there, the bad ones failed; these come back from the results as they were", async () => {
  const origin = await start();
  const rows = Array.from({ length: 20_000 }, (_, row) =>
    row % 100 === 7 ? `r-${row};Klosed;"a;b"` : `r-${row};;"notes\r\n${row}"`,
  );
  const csv = `\ufeffreferralId;status;details.notes\r\n${rows.join("\r\n")}`;
  const { status, id } = await upload(origin, "", "text/csv", csv);
  expect(status).toBe(202);
  expect(await countsOf(origin, id)).toEqual({ total: 20_000, queued: 19_800, failed: 200 });
  const failed = await fetch(`${origin}/bulk-updates/${id}/results.csv?state=FAILED`);
  const results = await failed.text();
  expect(results.includes(",r-7,Klosed,a;b\r\n")).toBe(true);
  const again = await upload(origin, "", "text/csv", results);
  expect(await countsOf(origin, again.id)).toEqual({ total: 200, queued: 0, failed: 200 });
  const mended = await upload(origin, "", "text/csv", results.replaceAll("Klosed", "Active"));
  expect(await countsOf(origin, mended.id)).toEqual({ total: 200, queued: 200, failed: 0 });
});

test("an upload that was cut off is not run; sent again under its key it is one bulk update", async () => {
  const origin = await start();
  const lines = Array.from({ length: 5_000 }, (_, row) => line(row));
  const list = async () => {
    const { data } = await post(origin, "{ bulkUpdates(first: 100) { nodes { id state label } } }");
    const { nodes } = (data as { bulkUpdates: { nodes: { id: string; label: string }[] } })
      .bulkUpdates;
    return nodes.filter(({ label }) => label === "cut off");
  };
  for (const query of ["?label=cut%20off", "?label=cut%20off&idempotencyKey=cut-off"]) {
    const socket = await connectTo(origin);
    socket.write(uploadHead(query) + chunk(lines.slice(0, 3_000).join("")));
    await vi.waitFor(
      async () => expect(await list()).toMatchObject([{ state: "INGESTING" }]),
      PATIENCE,
    );
    const gone = once(socket, "close");
    socket.destroy();
    await gone;
    const left = query.includes("Key") ? [{ state: "INGESTING" }] : [];
    await vi.waitFor(async () => expect(await list()).toMatchObject(left), PATIENCE);
    await vi.waitFor(async () => expect(await list()).toHaveLength(left.length), PATIENCE);
  }
  const [before] = await list();
  const socket = await connectTo(origin);
  const answer = answerOf(socket);
  const query = "?label=cut%20off&idempotencyKey=cut-off";
  socket.write(uploadHead(query, ["Connection: close"]));
  socket.write(chunk(lines.join("")) + LAST_CHUNK);
  expect(await answer).toContain(`{"id":"${before?.id}"}`);
  expect(await list()).toMatchObject([{ id: before?.id, state: "RUNNING" }]);
  expect(await countsOf(origin, before?.id ?? "")).toMatchObject({ total: 5_000, queued: 5_000 });
  const same = await upload(origin, query, "application/x-ndjson", lines.join(""));
  expect(same).toMatchObject({ status: 202, id: before?.id });
  const other = await upload(origin, query, "application/x-ndjson", lines.slice(1).join(""));
  expect(other).toMatchObject({ status: 409, code: "IDEMPOTENCY_MISMATCH" });
});
