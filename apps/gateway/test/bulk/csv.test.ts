import { expect, test } from "vitest";
import { readInput, refusalOf, summaryOf } from "../support/read-rows.ts";

const rowsOf = async (csv: string | Buffer, size?: number) =>
  (await readInput("csv", csv, size)).rows.map(summaryOf);

test("cells become typed changes; empty ones say nothing, \\N says null", async () => {
  const csv = [
    "referralId,ifMatch,status,substatus,name,details.dealValue,details.closingDateTime,consent.consentToContact,details.requirements.products,team.add",
    'r-1,"""e1""",Closed,Won,Deal,010.50,2026-06-30T00:00:00Z,TRUE,"[{""id"":""Azure""}]","[{""email"":""jane@contoso.com""}]"',
    "r-2,,,,\\N,,\\N,\\N,,",
  ].join("\n");
  expect(await rowsOf(csv)).toEqual([
    {
      referralId: "r-1",
      ifMatch: '"e1"',
      changes: {
        status: "Closed",
        substatus: "Won",
        name: "Deal",
        details: {
          dealValue: "010.50",
          closingDateTime: "2026-06-30T00:00:00Z",
          requirements: { products: [{ id: "Azure" }] },
        },
        consent: { consentToContact: true },
        team: { add: [{ email: "jane@contoso.com" }] },
      },
    },
    {
      referralId: "r-2",
      changes: {
        name: null,
        details: { closingDateTime: null },
        consent: { consentToContact: null },
      },
    },
  ]);
});

test("an external id names the referral, or is the value to be written beside a referral id", async () => {
  expect(await rowsOf("externalReferenceId,name\ncrm-1,x\n")).toEqual([
    { externalReferenceId: "crm-1", changes: { name: "x" } },
  ]);
  const both = "referralId,externalReferenceId,name\nr-1,crm-1,\n,crm-2,x\nr-3,,x\nr-4,\\N,\n";
  expect(await rowsOf(both)).toEqual([
    { referralId: "r-1", changes: { externalReferenceId: "crm-1" } },
    { externalReferenceId: "crm-2", changes: { name: "x" } },
    { referralId: "r-3", changes: { name: "x" } },
    { referralId: "r-4", changes: { externalReferenceId: null } },
  ]);
});

test("raw operations come in a column of their own", async () => {
  const patch = '[{"op":"replace","path":"/name","value":"x","from":"/y"}]';
  expect(await rowsOf(`referralId,patch\nr-1,"${patch.replaceAll('"', '""')}"\n`)).toEqual([
    { referralId: "r-1", patch: [{ op: "replace", path: "/name", value: "x" }] },
  ]);
});

const LISTS = "referralId;name;details.notes";
test.each([
  ["LF, no end", `${LISTS.replaceAll(";", ",")}\nr-1,"a, b","one\ntwo"\nr-2,ü,`],
  [
    "CRLF and empty lines",
    `\r\n${LISTS.replaceAll(";", ",")}\r\n\r\nr-1,"a, b","one\ntwo"\r\n\r\nr-2,ü,\r\n`,
  ],
  ["BOM", `\ufeff${LISTS.replaceAll(";", ",")}\nr-1,"a, b","one\ntwo"\nr-2,ü,\n`],
  [
    "BOM and a quoted header",
    `\ufeff"referralId","name","details.notes"\r\n"r-1","a, b","one\ntwo"\r\n"r-2","ü",""`,
  ],
  ["semicolons", `${LISTS}\nr-1;a, b;"one\ntwo"\nr-2;ü;\n`],
  ["tabs", `${LISTS.replaceAll(";", "\t")}\nr-1\ta, b\t"one\ntwo"\nr-2\tü\t\n`],
  ["CR", `${LISTS}\rr-1;a, b;"one\ntwo"\rr-2;ü;\r`],
])("%s: the same rows, whatever pieces the bytes come in", async (_name, csv) => {
  const expected = [
    { referralId: "r-1", changes: { name: "a, b", details: { notes: "one\ntwo" } } },
    { referralId: "r-2", changes: { name: "ü" } },
  ];
  for (const size of [1, 2, 3, 7, 65_536]) {
    expect(await rowsOf(csv, size)).toEqual(expected);
  }
});

test("a bad row says its field and rule, quotes nothing, and the rest goes on", async () => {
  const csv = [
    "referralId,status,details.dealValue,details.currency,consent.consentToContact,details.requirements.products",
    "r-1,Klosed,,,,",
    "r-2,,ten secret,Euro,,",
    "r-3,,,,secret,",
    "r-4,,,,,secret",
    "../r-5,Active,,,,",
    ",Active,,,,",
    "r-7,,,,,",
    "r-8,Active",
    "r-9,Active,,,,,",
    "r-10,New,,,,",
    "r-11,Active,,,,",
  ].join("\n");
  const { rows } = await readInput("csv", csv);
  expect(rows.map(summaryOf)).toEqual([
    ["INVALID_CHANGE", "/status", expect.stringMatching(/^status: .*"Closed"/)],
    ["INVALID_CHANGE", "/details/dealValue", expect.stringContaining("details.currency: ")],
    [
      "INVALID_CHANGE",
      "/consent/consentToContact",
      "consent.consentToContact: Expected true or false",
    ],
    ["INVALID_CHANGE", "/details/requirements/products", expect.stringContaining("a JSON array")],
    [
      "INVALID_CHANGE",
      "/referralId",
      expect.stringContaining("referralId: Expected a referral id"),
    ],
    ["INVALID_CHANGE", "/referralId", expect.stringContaining("exactly one of")],
    ["INVALID_CHANGE", "/changes", expect.stringContaining("at least one field")],
    ["INVALID_CHANGE", "", "Expected 6 cells, as in the header; there are 2"],
    ["INVALID_CHANGE", "", "Expected 6 cells, as in the header; there are 7"],
    ["INVALID_TRANSITION", "/substatus", expect.stringContaining("Pending, Received")],
    { referralId: "r-11", changes: { status: "Active" } },
  ]);
  const bad = rows.filter((row) => row.kind === "bad");
  expect(bad.map(({ error }) => error.message).join()).not.toMatch(/secret|Euro|Klosed/);
  expect(bad[1]).toMatchObject({
    referralId: "r-2",
    input: {
      cells: { referralId: "r-2", "details.dealValue": "ten secret", "details.currency": "Euro" },
    },
  });
  expect(bad[4]?.referralId).toBe(undefined);
  expect(bad[7]?.input).toEqual({ line: "r-8,Active" });
});

test("a row that is too long is bad, and the rest goes on; one without an end refuses the whole", async () => {
  const long = "x".repeat(140_000);
  const csv = `referralId,name,details.notes\nr-1,${long},\nr-2,"${long}\n${long}",\nr-3,x,\n`;
  const { rows } = await readInput("csv", csv);
  expect(rows.map(summaryOf)).toEqual([
    ["INVALID_CHANGE", "", "The row is longer than 131072 bytes"],
    ["INVALID_CHANGE", "", "The row is longer than 131072 bytes"],
    { referralId: "r-3", changes: { name: "x" } },
  ]);
  expect(JSON.stringify(rows[0]).length).toBeLessThan(5_000);
  const open = `referralId,name\nr-1,x\nr-2,"${"y\r\n".repeat(2_000_000)}`;
  expect(await refusalOf("csv", open)).toMatchObject({ code: "INVALID_CSV", line: 3 });
});

test("results that are handed in again are read without what they added", async () => {
  const csv =
    "rowNumber,updateId,state,failureCode,etag,inputLine,referralId,name\n7,upd_x,FAILED,INTERNAL,e,,r-1,x\n";
  const read = await readInput("csv", csv);
  expect(read.rows.map(summaryOf)).toEqual([{ referralId: "r-1", changes: { name: "x" } }]);
  expect(read.columns).toEqual(["referralId", "name"]);
});

test.each([
  [
    "referralId,detials.notes\nr-1,x\n",
    2,
    'column 2, "detials.notes", is not a column that is known; is "details.notes" meant?',
  ],
  ["referralId,dealValue\nr-1,1\n", 2, 'is "details.dealValue" meant?'],
  ["Referral Id,name\nr-1,1\n", 1, 'is "referralId" meant?'],
  ["referralId,name,secret stuff\n", 3, '"secret stuff", is not a column that is known'],
  ["referralId,name,name\n", 3, 'column 3, "name", is there already as column 2'],
  ["referralId,name,\n", 3, "column 3 has no name"],
  ["referralId,__proto__\n", 2, "is not a column that is known"],
  ["name,status\nx,Active\n", undefined, "lacks a column referralId or externalReferenceId"],
  ["referralId,ifMatch\nr-1,x\n", undefined, "lacks a column that says what to change"],
  ["externalReferenceId\nc-1\n", undefined, "lacks a column that says what to change"],
  ['referralId,na"me\nr-1,x\n', 2, "is not a column that is known"],
])("the header of %j refuses the whole, with the place", async (csv, column, message) => {
  for (const size of [1, 65_536]) {
    const refusal = await refusalOf("csv", csv, size);
    expect(refusal).toMatchObject({ status: 400, code: "INVALID_HEADER", line: 1 });
    expect(refusal).toMatchObject({ message: expect.stringContaining(message) });
    expect((refusal as { column?: number }).column).toBe(column);
  }
});

test("the line of a header is told, whatever stands before it", async () => {
  expect(await refusalOf("csv", "\r\n\r\n\nreferralId,nam\n")).toMatchObject({
    line: 4,
    column: 2,
  });
});

test.each([
  ["a quote left open", 'referralId,name\nr-1,x\nr-2,"a\nr-3,x\n', 3, 2],
  [
    "a quote left open that another one seems to close",
    'referralId,name\nr-1,x\nr-2,"open\nr-3,"closed"\nr-4,x\n',
    3,
    undefined,
  ],
  ["a quote left open after lines", 'referralId,name\nr-1,"one\r\ntwo\r\n"\nr-2,"5\n', 5, 2],
])("%s refuses the whole, with the place", async (_name, csv, line, column) => {
  const refusal = await refusalOf("csv", csv);
  expect(refusal).toMatchObject({ status: 400, code: "INVALID_CSV", line });
  expect((refusal as { column?: number }).column).toBe(column);
});

test("text behind the end of a quoted cell makes its row bad, and the rest goes on, however the bytes come", async () => {
  const csv =
    '\ufeffreferralId,name\r\nr-1,"""x"""\r\nr-2,"abc"def\r\nr-3,"a" "b"\r\nr-4,ünï\r\nr-5,"x"y';
  for (const size of [1, 7, 65_536]) {
    const { rows } = await readInput("csv", csv, size);
    expect(rows.map((row) => (row.kind === "bad" ? row.error.message : row.referralId))).toEqual([
      "r-1",
      expect.stringContaining("must end with one"),
      expect.stringContaining("must end with one"),
      "r-4",
      expect.stringContaining("must end with one"),
    ]);
  }
});

test("a quote in the middle of a cell stands for itself", async () => {
  const csv =
    'referralId,name\nr-1,5" pipe\nr-2,he said "hi"\nr-3,"a ""quoted"" cell"\nr-4,"""abc"" def"\nr-5,x\n';
  const { rows } = await readInput("csv", csv);
  expect(rows.map((row) => (row.kind === "update" ? row.intent.changes?.name : row))).toEqual([
    '5" pipe',
    'he said "hi"',
    'a "quoted" cell',
    '"abc" def',
    "x",
  ]);
});

test.each(["", "\ufeff", "\r\n\n", "referralId,name", "referralId,name\r\n\r\n"])(
  "%j holds no rows and is refused",
  async (csv) => {
    expect(await refusalOf("csv", csv, 1)).toMatchObject({ status: 400, code: "EMPTY_INPUT" });
  },
);

test("what no CSV file would have as its first line is refused before it is all read", async () => {
  expect(await refusalOf("csv", "x".repeat(1_000_000))).toMatchObject({ code: "INVALID_HEADER" });
});
