import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

export type Format = "csv" | "ndjson";

const MEDIA_TYPE: Record<Format, string> = { csv: "text/csv", ndjson: "application/x-ndjson" };

/** Writes an upload of `rows` rows on as many referrals: two fields each, some 150 to 200 bytes. */
export async function writeUpload(path: string, format: Format, rows: number): Promise<void> {
  await pipeline(Readable.from(linesOf(format, rows)), createWriteStream(path));
}

function* linesOf(format: Format, rows: number): Generator<string> {
  if (format === "csv") {
    yield "referralId,name,details.dealValue,details.notes\n";
  }
  for (let row = 1; row <= rows; row++) {
    const referralId = `00000000-0000-4000-8000-${String(row).padStart(12, "0")}`;
    const name = `Renewal ${row}`;
    const notes = `Budget confirmed by phone, row ${row}`;
    yield format === "csv"
      ? `${referralId},${name},${row}.50,"${notes}"\n`
      : `${JSON.stringify({ referralId, changes: { name, details: { dealValue: `${row}.50`, notes } } })}\n`;
  }
}

export interface UploadAnswer {
  readonly id: string;
  readonly ms: number;
}

/** Sends a file as a bulk update; answers when it is accepted. */
export async function upload(
  gatewayUrl: string,
  path: string,
  format: Format,
  query: Readonly<Record<string, string>> = {},
): Promise<UploadAnswer> {
  const url = new URL("/bulk-updates", gatewayUrl);
  url.search = new URLSearchParams(query).toString();
  const { size } = await stat(path);
  const startedAt = performance.now();
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": MEDIA_TYPE[format], "content-length": String(size) },
    body: Readable.toWeb(createReadStream(path, { highWaterMark: 256 * 1024 })) as ReadableStream,
    duplex: "half",
  } as RequestInit);
  const answer = (await response.json()) as { id?: string };
  if (response.status !== 202 || answer.id === undefined) {
    throw new Error(`the upload was refused: ${response.status} ${JSON.stringify(answer)}`);
  }
  return { id: answer.id, ms: performance.now() - startedAt };
}
