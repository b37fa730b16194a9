import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { signatureHeaders } from "../src/callbacks/sign.ts";

type IsGenuine = (
  headers: Record<string, string>,
  body: string,
  secret: string,
  nowMs?: number,
) => boolean;

/** The snippet of docs/callbacks.md, run as it stands there. */
async function documented(): Promise<IsGenuine> {
  const page = await readFile(new URL("../../../docs/callbacks.md", import.meta.url), "utf8");
  const [, snippet = ""] = /```js\n([\s\S]*?)```/.exec(page) ?? [];
  const directory = await mkdtemp(join(tmpdir(), "callback-docs-"));
  try {
    const file = join(directory, "snippet.mjs");
    await writeFile(file, snippet);
    return ((await import(pathToFileURL(file).href)) as { isGenuine: IsGenuine }).isGenuine;
  } finally {
    await rm(directory, { recursive: true });
  }
}

test("the documented check takes what is genuine and nothing else", async () => {
  const isGenuine = await documented();
  const [secret, older, foreign] = [1, 2, 3].map((byte) => Buffer.alloc(24, byte));
  const text = (of: Buffer | undefined): string => `whsec_${of?.toString("base64")}`;
  const sentAt = Date.UTC(2026, 0, 5, 8, 1);
  const body = '{"id":"blk_1","label":"Übertrag"}';
  const headers = signatureHeaders({ id: "msg_1", sentAt, body }, [
    secret as Buffer,
    older as Buffer,
  ]);
  expect(isGenuine(headers, body, text(secret), sentAt)).toBe(true);
  expect(isGenuine(headers, body, text(older), sentAt + 299_000)).toBe(true);
  expect(isGenuine(headers, body, text(foreign), sentAt)).toBe(false);
  expect(isGenuine(headers, `${body} `, text(secret), sentAt)).toBe(false);
  expect(isGenuine({ ...headers, "webhook-id": "msg_2" }, body, text(secret), sentAt)).toBe(false);
  expect(isGenuine(headers, body, text(secret), sentAt + 600_000)).toBe(false);
});
