import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { endLane, openLanes } from "./support/bulk.ts";
import { serve } from "./support/serving.ts";
import { type Stack, startStack } from "./support/stack.ts";

/*
 * Results are an input: what is downloaded, corrected or not, can be handed in again as it is.
 */

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

const TYPES = { csv: "text/csv", ndjson: "application/x-ndjson" } as const;
type Format = keyof typeof TYPES;

async function upload(format: Format, body: string): Promise<string> {
  const response = await fetch(`${await serve(stack)}/bulk-updates`, {
    method: "POST",
    headers: { "content-type": TYPES[format] },
    body,
  });
  const answer = (await response.json()) as { id?: string };
  expect([response.status, answer]).toEqual([202, { id: expect.any(String) }]);
  return answer.id ?? "";
}

async function results(id: string, format: Format, query = ""): Promise<string> {
  const response = await fetch(
    `${await serve(stack)}/bulk-updates/${id}/results.${format}${query}`,
  );
  return response.text();
}

/** What was handed in, and what was said against it. */
async function rowsOf(id: string) {
  const { rows } = await stack.queue.bulk.rows(id, { first: 100 });
  return rows.map(
    ({ rowNumber, referralId, externalReferenceId, intent, ifMatch, error, input }) => ({
      rowNumber,
      referralId,
      externalReferenceId,
      intent,
      ifMatch,
      error: input === undefined ? undefined : error?.code,
    }),
  );
}

const quoted = (value: unknown): string => `"${JSON.stringify(value).replaceAll('"', '""')}"`;
const MEMBERS = [{ email: "a@b.example", firstName: "Ann", phoneNumber: "1" }];
const PATCH = [{ op: "replace", path: "/details/notes", value: "a,b\n" }];

const csv = (): string => {
  const header =
    "referralId;externalReferenceId;ifMatch;name;details.dealValue;consent.consentToContact;details.requirements.products;team.add;patch;status";
  const id = () => randomUUID();
  return `\ufeff${[
    header,
    `${id()};;"""7-1""";" two\r\nlines; and ""quotes"" ";10000.50;TRUE;;;;`,
    `${id()};crm-9;;\\N;\\N;\\N;\\N;;;`,
    `;crm-1;;=1+1;;;${quoted([{ id: "Azure" }])};${quoted(MEMBERS)};;Closed`,
    `${id()};;;;;;;;${quoted(PATCH)};`,
    `${id()};;;x;money;maybe;;;;`,
    `;;;x;;;;;;`,
    `${id()};;;;;;;;${quoted(PATCH)};New`,
  ].join("\r\n")}\r\n`;
};

const ndjson = (): string =>
  [
    { referralId: randomUUID(), changes: { name: "", details: { notes: "\\N", dealValue: 12.5 } } },
    { referralId: randomUUID(), changes: { details: null }, ifMatch: '"1"' },
    { externalReferenceId: "crm-1", changes: { externalReferenceId: "crm-2" } },
    { externalReferenceId: "crm-3", patch: PATCH },
    {
      referralId: randomUUID(),
      changes: { name: "x", team: { add: MEMBERS, update: [{ email: "c@d.e", lastName: null }] } },
    },
    { referralId: randomUUID(), changes: { nmae: "x" } },
    { changes: { name: "x" } },
  ]
    .map((item) => JSON.stringify(item))
    .join("\n");

describe("results handed in again as they are say the same, row by row", () => {
  test.each<[from: Format, to: Format, body: string]>([
    ["csv", "csv", csv()],
    ["ndjson", "ndjson", ndjson()],
  ])("%s as %s", async (from, to, body) => {
    const first = await upload(from, body);
    const second = await upload(to, await results(first, to));
    const third = await upload(to, await results(second, to));
    const expected = await rowsOf(first);
    expect(expected).toHaveLength(7);
    expect(await rowsOf(second)).toEqual(expected);
    expect(await rowsOf(third)).toEqual(expected);
    // To the letter, but for the ids of the rows.
    const anonymous = async (id: string): Promise<string> =>
      (await results(id, to)).replaceAll(id.slice("blk_".length), "…");
    expect(await anonymous(second)).toBe(await anonymous(first));
  });

  test("rows that came as CSV, as NDJSON", async () => {
    const first = await upload("csv", csv());
    const usable = (rows: Awaited<ReturnType<typeof rowsOf>>) =>
      rows.filter(({ error }) => error === undefined);
    const second = await upload("ndjson", await results(first, "ndjson"));
    expect(usable(await rowsOf(second))).toEqual(usable(await rowsOf(first)));
    expect(await rowsOf(second)).toHaveLength(7);
  });

  test("rows that came as NDJSON, as CSV: what cells cannot say is said as operations", async () => {
    const first = await upload("ndjson", ndjson());
    const second = await upload("csv", await results(first, "csv"));
    const patches = async (id: string) =>
      (await stack.queue.bulk.rows(id, { first: 100 })).rows.map(
        ({ referralId, externalReferenceId, patch, ifMatch, state }) => ({
          referralId,
          externalReferenceId,
          // Money is written as text in a cell.
          patch: JSON.parse(JSON.stringify(patch).replace('"12.5"', "12.5")),
          ifMatch,
          state,
        }),
      );
    expect(await patches(second)).toEqual(await patches(first));
  });
});

test("failed rows are corrected in their cells, and handed in without the others", async () => {
  const lanes = openLanes(stack.redis.url);
  const [good, poor] = [randomUUID(), randomUUID()];
  const header = "referralId,name,status,substatus";
  const id = await upload(
    "csv",
    `${header}\n${good},a,,\n${poor},b,,\n${randomUUID()},c,Nwe,\n${randomUUID()},d,,\n`,
  );
  await endLane(lanes, good);
  const error = { code: "INVALID_CHANGE", message: 'refused: "b",\nsee there' } as const;
  await endLane(lanes, poor, "FAILED", error);
  const failed = await results(id, "csv", "?state=FAILED");
  const corrected = failed.replace(",b,,", ",B,,").replace(",c,Nwe,", ",c,New,Pending");
  const again = await rowsOf(await upload("csv", corrected));
  expect(again.map(({ intent, error }) => [intent.changes, error])).toEqual([
    [{ name: "B" }, undefined],
    [{ name: "c", status: "New", substatus: "Pending" }, undefined],
  ]);
});
