import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { PassThrough, type Writable } from "node:stream";
import {
  LedgerUnavailableError,
  type NewBulkRow,
  newBulkUpdateId,
  type ReferralUpdate,
} from "@patchlane/update-queue";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { writeCsv, writeNdjson } from "../src/bulk/write-results.ts";
import { endLane, notesRow, openLanes, submitRows } from "./support/bulk.ts";
import { serve } from "./support/serving.ts";
import { type Stack, startStack } from "./support/stack.ts";

type Rows = AsyncGenerator<ReferralUpdate>;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

const RESULT_COLUMNS =
  "rowNumber,updateId,state,failureCode,failureMessage,failurePath,sentPatch,requestId,clientRequestId,etag,resolvedReferralId,inputLine";

async function download(id: string, name: string): Promise<string> {
  const response = await fetch(`${await serve(stack)}/bulk-updates/${id}/${name}`);
  expect(response.status).toBe(200);
  return response.text();
}

const linesOf = (ndjson: string): unknown[] =>
  ndjson
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

/** One row of each kind, in the states they can be in; answers the id and what identifies them. */
async function oneOfEach() {
  const lanes = openLanes(stack.redis.url);
  const [applied, failed, queued] = [randomUUID(), randomUUID(), randomUUID()];
  const noField = { code: "INVALID_CHANGE", message: "no such field", path: "/nmae" } as const;
  const rows: NewBulkRow[] = [
    { ...notesRow(applied, 'say "hi",\r\nthen go'), ifMatch: '"1-2"' } as NewBulkRow,
    notesRow(failed, " kept as it is "),
    { kind: "bad", error: noField, input: { cells: { referralId: "x", "details.notes": "n" } } },
    { kind: "bad", error: noField, input: { line: '{"referralId":"x","changes":{"nmae":1}}' } },
    { kind: "bad", error: noField, input: { line: "{broken" } },
    notesRow(queued, "ünïcødé 🚀"),
    {
      kind: "update",
      externalReferenceId: "crm-1",
      intent: { patch: [{ op: "replace", path: "/name", value: null }] },
    },
  ];
  const columns = ["referralId", "externalReferenceId", "ifMatch", "details.notes", "patch"];
  const id = await submitRows(stack.queue, rows, { columns });
  await endLane(lanes, applied);
  await endLane(lanes, failed, "FAILED", {
    code: "CONFLICT",
    message: "somebody else wrote",
    upstreamStatus: 412,
  });
  return { id, applied, failed, queued, row: (number: number) => `upd_${id.slice(4)}_${number}` };
}

const SENT = '[{""op"":""replace"",""path"":""/details/notes"",""value"":""sent""}]';
const REQUEST_ID = "00000000-0000-4000-8000-000000000001";

describe("results.csv", () => {
  test("every row in order: what became of it, then its cells as they were handed in", async () => {
    const { id, applied, failed, queued, row } = await oneOfEach();
    const csv = await download(id, "results.csv");
    expect(csv.split("\r\n")).toEqual([
      `${RESULT_COLUMNS},referralId,externalReferenceId,ifMatch,details.notes,patch`,
      `1,${row(1)},APPLIED,,,,"${SENT}",${REQUEST_ID},,,${applied},,${applied},,"""1-2""","say ""hi"",`,
      'then go",',
      `2,${row(2)},FAILED,CONFLICT,somebody else wrote,,"${SENT}",${REQUEST_ID},,,${failed},,${failed},,," kept as it is ",`,
      `3,${row(3)},FAILED,INVALID_CHANGE,no such field,/nmae,,,,,,,x,,,n,`,
      `4,${row(4)},FAILED,INVALID_CHANGE,no such field,/nmae,,,,,,"{""referralId"":""x"",""changes"":{""nmae"":1}}",,,,,`,
      `5,${row(5)},FAILED,INVALID_CHANGE,no such field,/nmae,,,,,,{broken,,,,,`,
      `6,${row(6)},QUEUED,,,,,,,,${queued},,${queued},,,ünïcødé 🚀,`,
      `7,${row(7)},QUEUED,,,,,,,,,,,crm-1,,,"[{""op"":""replace"",""path"":""/name"",""value"":null}]"`,
      "",
    ]);
  });

  test("by state: only those that are in it, and the header when there are none", async () => {
    const { id } = await oneOfEach();
    const failed = await download(id, "results.csv?state=FAILED");
    expect(failed.match(/^\d+,upd/gm)).toEqual(["2,upd", "3,upd", "4,upd", "5,upd"]);
    expect(await download(id, "results.csv?state=CANCELLED")).toBe(
      `${RESULT_COLUMNS},referralId,externalReferenceId,ifMatch,details.notes,patch\r\n`,
    );
  });
});

describe("results.ndjson", () => {
  const NONE = {
    error: null,
    sentPatch: null,
    requestId: null,
    clientRequestId: null,
    etag: null,
    attempts: 0,
    input: null,
  };

  test("every row in order: the members that were handed in, and what became of them", async () => {
    const { id, applied, failed, queued, row } = await oneOfEach();
    const sent = {
      sentPatch: [{ op: "replace", path: "/details/notes", value: "sent" }],
      requestId: REQUEST_ID,
      attempts: 1,
    };
    const error = { code: "INVALID_CHANGE", message: "no such field", path: "/nmae" };
    const bad = { ...NONE, state: "FAILED", error, resolvedReferralId: null };
    expect(linesOf(await download(id, "results.ndjson"))).toEqual([
      {
        ...NONE,
        ...sent,
        rowNumber: 1,
        updateId: row(1),
        state: "APPLIED",
        resolvedReferralId: applied,
        referralId: applied,
        ifMatch: '"1-2"',
        changes: { details: { notes: 'say "hi",\r\nthen go' } },
      },
      {
        ...NONE,
        ...sent,
        rowNumber: 2,
        updateId: row(2),
        state: "FAILED",
        error: { code: "CONFLICT", message: "somebody else wrote", upstreamStatus: 412 },
        resolvedReferralId: failed,
        referralId: failed,
        changes: { details: { notes: " kept as it is " } },
      },
      {
        ...bad,
        rowNumber: 3,
        updateId: row(3),
        input: { cells: { referralId: "x", "details.notes": "n" } },
      },
      { ...bad, rowNumber: 4, updateId: row(4), referralId: "x", changes: { nmae: 1 } },
      { ...bad, rowNumber: 5, updateId: row(5), input: { line: "{broken" } },
      {
        ...NONE,
        rowNumber: 6,
        updateId: row(6),
        state: "QUEUED",
        resolvedReferralId: queued,
        referralId: queued,
        changes: { details: { notes: "ünïcødé 🚀" } },
      },
      {
        ...NONE,
        rowNumber: 7,
        updateId: row(7),
        state: "QUEUED",
        resolvedReferralId: null,
        externalReferenceId: "crm-1",
        patch: [{ op: "replace", path: "/name", value: null }],
      },
    ]);
  });

  test("by external id, a row goes on being named by it when its referral was found", async () => {
    const lanes = openLanes(stack.redis.url);
    const intent = { changes: { name: "x" } };
    const id = await submitRows(stack.queue, [
      { kind: "update", externalReferenceId: "crm-2", intent },
    ]);
    const referralId = randomUUID();
    await lanes.bulk.enlist(id, 10, [{ rowNumber: 1, referralId }]);
    await endLane(lanes, referralId);
    const [line] = linesOf(await download(id, "results.ndjson"));
    expect(line).toMatchObject({ externalReferenceId: "crm-2", resolvedReferralId: referralId });
    expect(line).not.toHaveProperty("referralId");
  });
});

test("more rows than are read at a time come each once, in order", async () => {
  const rows = Array.from({ length: 1_201 }, (_, index) => notesRow(randomUUID(), `n${index}`));
  const id = await submitRows(stack.queue, rows);
  const lines = linesOf(await download(id, "results.ndjson"));
  const numbers = lines.map((line) => (line as { rowNumber: number }).rowNumber);
  expect(numbers).toEqual(rows.map((_row, index) => index + 1));
});

describe("requests for results", () => {
  const ask = async (path: string, method = "GET") => {
    const response = await fetch(`${await serve(stack)}/bulk-updates/${path}`, { method });
    const { status, headers } = response;
    return { status, headers, body: await response.text() };
  };
  const problem = (body: string): unknown => JSON.parse(body).error.code;

  test("a file with a name, also when only asked about", async () => {
    const id = await submitRows(stack.queue, [notesRow(randomUUID(), "x")]);
    const csv = await ask(`${id}/results.csv?state=QUEUED`);
    expect(csv.headers.get("content-type")).toBe("text/csv; charset=utf-8; header=present");
    const name = `attachment; filename="${id}-QUEUED.csv"`;
    expect(csv.headers.get("content-disposition")).toBe(name);
    const head = await ask(`${id}/results.ndjson`, "HEAD");
    expect([head.status, head.body]).toEqual([200, ""]);
    expect(head.headers.get("content-type")).toBe("application/x-ndjson; charset=utf-8");
    expect(head.headers.get("content-disposition")).toBe(`attachment; filename="${id}.ndjson"`);
  });

  test.each([newBulkUpdateId(), "blk_1", "*", "%2e%2e", "{default}"])(
    "an unknown id (%s) is not found",
    async (id) => {
      const { status, body } = await ask(`${id}/results.csv`);
      expect([status, problem(body)]).toEqual([404, "NOT_FOUND"]);
    },
  );

  test.each(["results.xml", "results", "", "results.csv/x"])("there is no %j", async (name) => {
    const id = await submitRows(stack.queue, [notesRow(randomUUID(), "x")]);
    const { status, body } = await ask(`${id}/${name}`);
    expect([status, problem(body)]).toEqual([404, "NOT_FOUND"]);
  });

  test.each(["state=DONE", "state=", "state=failed", "state=FAILED&state=QUEUED"])(
    "%s is refused: nothing else than what was asked for is handed out",
    async (query) => {
      const id = await submitRows(stack.queue, [notesRow(randomUUID(), "x")]);
      const { status, body } = await ask(`${id}/results.csv?${query}`);
      expect([status, problem(body)]).toEqual([400, "BAD_USER_INPUT"]);
    },
  );

  test("results cannot be written", async () => {
    const { status, headers, body } = await ask(`${newBulkUpdateId()}/results.csv`, "POST");
    expect([status, headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    expect(problem(body)).toBe("METHOD_NOT_ALLOWED");
  });
});

describe("when Redis is away", () => {
  test("before the first row: 503, come back later", async () => {
    const own = await startStack();
    try {
      const id = await submitRows(own.queue, [notesRow(randomUUID(), "x")]);
      const origin = await serve(own);
      await own.redis.kill();
      const response = await fetch(`${origin}/bulk-updates/${id}/results.csv`);
      expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
      expect(await response.json()).toMatchObject({ error: { code: "SERVICE_UNAVAILABLE" } });
    } finally {
      await own.close();
    }
  });

  test("in the middle: it goes on when Redis is back, and no row is lost or doubled", async () => {
    const rows = Array.from({ length: 1_100 }, (_, index) => notesRow(randomUUID(), `n${index}`));
    const id = await submitRows(stack.queue, rows);
    const read = stack.queue.bulk.rows.bind(stack.queue.bulk);
    let reads = 0;
    const spy = vi.spyOn(stack.queue.bulk, "rows").mockImplementation(async (...args) => {
      reads += 1;
      if (reads === 2 || reads === 3) {
        throw new LedgerUnavailableError("away");
      }
      return read(...args);
    });
    const lines = linesOf(await download(id, "results.ndjson"));
    spy.mockRestore();
    expect(lines).toHaveLength(1_100);
    expect(new Set(lines.map((line) => (line as { rowNumber: number }).rowNumber)).size).toBe(
      1_100,
    );
  });

  test("what cannot go on is cut off, so that nobody takes it for the whole", async () => {
    const rows = Array.from({ length: 600 }, (_, index) => notesRow(randomUUID(), `n${index}`));
    const id = await submitRows(stack.queue, rows);
    const read = stack.queue.bulk.rows.bind(stack.queue.bulk);
    const spy = vi.spyOn(stack.queue.bulk, "rows").mockImplementation(async (name, page) => {
      if (page.afterRow !== 0) {
        throw new Error("a bug");
      }
      return read(name, page);
    });
    const whole = fetch(`${await serve(stack)}/bulk-updates/${id}/results.csv`);
    await expect(whole.then((response) => response.text())).rejects.toThrow();
    spy.mockRestore();
  });
});

test("rows are read no faster than they are taken, and no longer", async () => {
  const [row] = (
    await stack.queue.bulk.rows(
      await submitRows(stack.queue, [notesRow(randomUUID(), "x".repeat(1_000))]),
      { first: 1 },
    )
  ).rows;
  for (const write of [
    writeNdjson,
    (rows: Rows, to: Writable) => writeCsv(rows, ["details.notes"], to),
  ]) {
    let read = 0;
    let isLeft = false;
    async function* endless(): Rows {
      try {
        for (; row !== undefined; read++) {
          yield row;
        }
      } finally {
        isLeft = true;
      }
    }
    const reader = new PassThrough();
    const writing = write(endless(), reader);
    for (let taken = 0; taken < 100_000; ) {
      taken += (reader.read() ?? (await once(reader, "readable").then(() => ""))).length;
    }
    expect(read).toBeLessThan(1_000);
    reader.destroy();
    await expect(writing).rejects.toThrow();
    expect(isLeft).toBe(true);
  }
});
