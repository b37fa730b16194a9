import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SettingsError } from "@patchlane/service-kit";
import { expect, onTestFinished, test } from "vitest";
import { readTrustedDocuments, sha256 } from "../../src/graphql/trusted-documents.ts";
import { gatewayRig, send, sendGet } from "../support/gateway-rig.ts";

const rig = gatewayRig();
const TEXT = "query Waiting { queue { waiting } }";
const MUTATION = 'mutation Cancel { cancelReferralUpdate(id: "x") { __typename } }';
const DATA = { data: { queue: { waiting: 0 } } };
const byHash = (text: string) => ({
  extensions: { persistedQuery: { version: 1, sha256Hash: sha256(text) } },
});

async function fileWith(content: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "trusted-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "documents.json");
  await writeFile(path, content);
  return path;
}

async function start(...texts: string[]): Promise<string> {
  const content = Object.fromEntries(texts.map((text) => [sha256(text), text]));
  return rig.start({ TRUSTED_DOCUMENTS_PATH: await fileWith(JSON.stringify(content)) });
}

test("a trusted document runs by its id, spelled in any way, and by its very text", async () => {
  const origin = await start(TEXT, MUTATION);
  for (const body of [
    { query: TEXT },
    { documentId: sha256(TEXT) },
    { documentId: `sha256:${sha256(TEXT)}` },
    byHash(TEXT),
    { query: TEXT, ...byHash(TEXT) },
    { query: TEXT, documentId: sha256(TEXT) },
  ]) {
    expect([body, (await send(origin, body)).body]).toEqual([body, DATA]);
  }
  const params = { extensions: JSON.stringify(byHash(TEXT).extensions) };
  expect((await sendGet(origin, params)).body).toEqual(DATA);
  expect((await sendGet(origin, { documentId: sha256(TEXT) })).body).toEqual(DATA);
});

test("nothing else runs", async () => {
  const origin = await start(TEXT, MUTATION);
  for (const [body, code] of [
    [{ query: `${TEXT} ` }, "DOCUMENT_NOT_TRUSTED"],
    [{ query: "{ queue { waiting } }" }, "DOCUMENT_NOT_TRUSTED"],
    [{ query: "{ queue { waiting } }", ...byHash(TEXT) }, "DOCUMENT_NOT_TRUSTED"],
    [{ query: "" }, "DOCUMENT_NOT_TRUSTED"],
    [{ query: [TEXT] }, "DOCUMENT_NOT_TRUSTED"],
    [byHash("{ queue { waiting } }"), "PERSISTED_QUERY_NOT_FOUND"],
    [{ documentId: "__proto__" }, "PERSISTED_QUERY_NOT_FOUND"],
    [{ documentId: { a: 1 } }, "PERSISTED_QUERY_NOT_FOUND"],
    [{}, "BAD_REQUEST"],
  ] as const) {
    const { status, code: got, body: answer } = await send(origin, body);
    expect([body, status, got, answer.data]).toEqual([body, 400, code, undefined]);
  }
  // By id no more than by text does a GET change anything.
  expect((await sendGet(origin, { documentId: sha256(MUTATION) })).status).toBe(405);
});

test("without a list every document runs, and a client that sends ids first is told to send texts", async () => {
  const origin = await rig.start();
  expect((await send(origin, { query: TEXT, ...byHash(TEXT) })).body).toEqual(DATA);
  const { status, code, body } = await send(origin, byHash(TEXT));
  expect([status, code, body.errors?.[0]?.message]).toEqual([
    400,
    "PERSISTED_QUERY_NOT_SUPPORTED",
    "PersistedQueryNotSupported",
  ]);
});

test("the client's own list is one", async () => {
  const path = join(
    import.meta.dirname,
    "../../../../packages/gateway-client/trusted-documents.json",
  );
  expect(readTrustedDocuments(path)?.size).toBeGreaterThan(10);
});

test.each([
  ["is missing", undefined, /ENOENT/],
  ["is no JSON", "{", /JSON file/],
  ["is a list", "[]", /JSON file/],
  ["has something else than texts", '{"a":1}', /JSON file/],
  ["has a text under another id", JSON.stringify({ [sha256("x")]: TEXT }), /SHA-256/],
  ["is empty", "{}", /nothing would run/],
])("a list that %s is a wrong setting", async (_name, content, says) => {
  const path = content === undefined ? "/nowhere/documents.json" : await fileWith(content);
  const read = (): unknown => readTrustedDocuments(path);
  expect(read).toThrow(SettingsError);
  expect(read).toThrow(says);
  await expect(rig.start({ TRUSTED_DOCUMENTS_PATH: path })).rejects.toThrow(
    /TRUSTED_DOCUMENTS_PATH/,
  );
});
