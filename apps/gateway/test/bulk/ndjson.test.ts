import { expect, test } from "vitest";
import { LineSplitter } from "../../src/bulk/line-splitter.ts";
import { readInput, refusalOf, summaryOf } from "../support/read-rows.ts";

const rowsOf = async (text: string | Buffer, size?: number) =>
  (await readInput("ndjson", text, size)).rows.map(summaryOf);

test("one object a line, whatever pieces the bytes come in: BOM, CRLF, empty lines, no end", async () => {
  const text = `\ufeff{"referralId":"r-1","changes":{"name":"ü 😀"}}\r\n\r\n  \n{"externalReferenceId":"crm 2","patch":[{"op":"add","path":"/name","value":"x"}],"ifMatch":null}`;
  for (const size of [1, 2, 3, 5, 65_536]) {
    expect(await rowsOf(text, size)).toEqual([
      { referralId: "r-1", changes: { name: "ü 😀" } },
      { externalReferenceId: "crm 2", patch: [{ op: "add", path: "/name", value: "x" }] },
    ]);
  }
});

test("a bad line says why, quotes nothing, and the rest goes on", async () => {
  const lines = [
    '{"referralId":"r-1","changes":{"name":"secret"',
    '{"referralId":"r-2","changes":{"name":secret}}',
    '["secret"]',
    "null",
    '{"referralId":"r-5","change":{"name":"x"}}',
    '{"referralId":"r-6","changes":{"name":7,"details":{"nots":"secret"}}}',
    '{"referralId":"r-7","changes":{"name":"x"},"patch":[]}',
    '{"referralId":"r-8"}',
    '{"referralId":"r-9","externalReferenceId":"c","changes":{"name":"x"}}',
    '{"referralId":7,"changes":{"name":"x"}}',
    '{"externalReferenceId":"","changes":{"name":"x"}}',
    '{"referralId":"r-12","patch":[{"op":"remove","path":"/name"}]}',
    '{"referralId":"r-13","patch":"secret"}',
    '{"referralId":"r-14","changes":{"name":"x"},"ifMatch":"unquoted"}',
    '{"referralId":"r-15","changes":{"__proto__":{"name":"x"}}}',
    '{"__proto__":{"referralId":"r-16"},"changes":{"name":"x"}}',
    '{"referralId":"r-17","changes":{"name":"x"}}',
  ];
  const { rows } = await readInput("ndjson", `${lines.join("\n")}\n`);
  expect(rows.map((row) => (row.kind === "bad" ? row.error.message : "ok"))).toEqual([
    expect.stringContaining("not JSON"),
    "The line is not JSON, or ends too early",
    "Expected a JSON object",
    "Expected a JSON object",
    'change: "change" is not a member of a row; is "changes" meant?',
    expect.stringMatching(/name: .*details\.nots: "nots" is not a field/),
    "Expected exactly one of changes and patch",
    "Expected exactly one of changes and patch",
    expect.stringContaining("exactly one of referralId"),
    expect.stringContaining("referralId: Expected a referral id"),
    expect.stringContaining("externalReferenceId: Expected 1 to 256"),
    expect.stringContaining("only add and replace"),
    expect.stringContaining("Expected a list of operations"),
    expect.stringContaining("ifMatch: Expected an ETag"),
    expect.stringContaining("never accepted"),
    expect.stringContaining("is not a member of a row"),
    "ok",
  ]);
  expect(JSON.stringify(rows.map((row) => row.kind === "bad" && row.error))).not.toContain(
    "secret",
  );
  expect(rows[5]).toMatchObject({ kind: "bad", referralId: "r-6", input: { line: lines[5] } });
});

test("a line that is too long is bad without being held, and the rest goes on", async () => {
  const long = `{"referralId":"r-1","changes":{"name":"${"x".repeat(3_000_000)}"}}`;
  const fits = `{"referralId":"r-2","changes":{"details":{"notes":"${"x".repeat(60_000)}"}}}`;
  const text = `${long}\n${fits}\n${long}`;
  for (const size of [1_000, 65_536]) {
    const { rows } = await readInput("ndjson", text, size);
    expect(rows.map(({ kind }) => kind)).toEqual(["bad", "update", "bad"]);
    expect(rows.map(summaryOf)[2]).toEqual([
      "INVALID_CHANGE",
      "",
      "The row is longer than 131072 bytes",
    ]);
    expect(JSON.stringify(rows[0]).length).toBeLessThan(5_000);
  }
});

test("of a line that is too long no more than the limit is kept", () => {
  const splitter = new LineSplitter(10);
  const pieces = ["12345", "67890", "abcde", "f\nnext", "\nlast"];
  const lines = pieces.flatMap((piece) => [...splitter.split(Buffer.from(piece))]);
  expect([...lines, ...splitter.end()]).toEqual([
    { text: "1234567890", bytes: 16, isCut: true },
    { text: "next", bytes: 4, isCut: false },
    { text: "last", bytes: 4, isCut: false },
  ]);
});

test("a number that would be rounded is refused, one that only looks like it is not", async () => {
  const withValue = (value: string) =>
    `{"referralId":"r-1","changes":{"details":{"dealValue":${value}}}}`;
  const kindOf = async (value: string) =>
    (await readInput("ndjson", withValue(value))).rows[0]?.kind;
  for (const value of ["9007199254740993", "12345.670000000000001", "0.1000000000000000055"]) {
    expect(await kindOf(value)).toBe("bad");
    expect(await kindOf(`"${value}"`)).toBe("update");
  }
  for (const value of ["10.50", "1e3", "999999999999.99", "100000000000000.0"]) {
    expect(await kindOf(value)).toBe("update");
  }
  const inText = '{"referralId":"r-1","changes":{"name":"\\"9007199254740993 , 1234567890123456"}}';
  expect(await rowsOf(inText)).toMatchObject([{ referralId: "r-1" }]);
});

test("columns follow from the rows, in the order they turn up", async () => {
  const { columns } = await readInput(
    "ndjson",
    '{"referralId":"r","changes":{"status":"Active"}}\n{"externalReferenceId":"c","changes":{"details":{"notes":"x"}},"ifMatch":"\\"e\\""}\n',
  );
  expect(columns).toEqual([
    "referralId",
    "status",
    "externalReferenceId",
    "ifMatch",
    "details.notes",
  ]);
});

test("what is not UTF-8 refuses the whole, with the byte, whatever pieces it comes in", async () => {
  const line = Buffer.from('{"referralId":"r-1","changes":{"name":"üü"}}\n');
  const wrong = Buffer.concat([line, line.subarray(0, 30), Buffer.from([0xe4]), line.subarray(30)]);
  const offset = line.length + 30;
  for (const size of [1, 2, 3, 17, 65_536]) {
    expect(await refusalOf("ndjson", wrong, size)).toMatchObject({
      status: 400,
      code: "INVALID_ENCODING",
      offset,
      line: 2,
    });
  }
  const cut = Buffer.concat([line, Buffer.from([0xf0, 0x9f])]);
  expect(await refusalOf("ndjson", cut)).toMatchObject({ offset: line.length });
  for (const mark of [Buffer.from([0xff, 0xfe]), Buffer.from([0xfe, 0xff])]) {
    const utf16 = Buffer.concat([mark, Buffer.from("referralId", "utf16le")]);
    expect(await refusalOf("csv", utf16)).toMatchObject({
      code: "INVALID_ENCODING",
      message: expect.stringContaining("UTF-16"),
    });
  }
});

test("the digest is of the bytes, not of their pieces", async () => {
  const text = '{"referralId":"r-1","changes":{"name":"x"}}\n';
  const { digest } = await readInput("ndjson", text);
  expect((await readInput("ndjson", text, 1)).digest).toBe(digest);
  expect((await readInput("ndjson", `${text} `)).digest).not.toBe(digest);
});

test("20,000 rows arrive once each and in order", async () => {
  const lines = Array.from({ length: 20_000 }, (_, row) =>
    row % 97 === 0 ? `{"row":${row}` : `{"referralId":"r-${row}","changes":{"name":"${row}"}}`,
  );
  const { rows } = await readInput("ndjson", lines.join("\n"), 10_007);
  expect(rows.length).toBe(20_000);
  expect(
    rows.every((row, index) =>
      index % 97 === 0
        ? row.kind === "bad" && JSON.stringify(row.input).includes(`{\\"row\\":${index}`)
        : row.kind === "update" && row.referralId === `r-${index}`,
    ),
  ).toBe(true);
});
