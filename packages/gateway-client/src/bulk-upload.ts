import { backOff } from "./back-off.ts";
import type { Endpoints, ResultsFormat } from "./endpoints.ts";
import { askedMsOf, GatewayHttpError, GatewayUnauthenticatedError, isPassing } from "./errors.ts";
import { httpErrorOf, httpFailureOf } from "./http-error.ts";
import { type Transport, unreachable } from "./transport.ts";
import { openRows, type UploadBody } from "./upload-rows.ts";

export interface BulkUpload {
  /**
   * The rows. A function can open them again: with it and an idempotency key, an upload whose connection is lost is sent anew
   * (and is one bulk update all the same).
   */
  readonly body: UploadBody | (() => UploadBody);
  readonly format: ResultsFormat;
  readonly label?: string | undefined;
  /** Plan only. */
  readonly dryRun?: boolean | undefined;
  /** Default true: a row whose referral already is as it says costs no write. */
  readonly skipUnchanged?: boolean | undefined;
  /** 1 to 255 characters. Same key and same bytes: the same bulk update. */
  readonly idempotencyKey?: string | undefined;
  /** Told when the bulk update is over. */
  readonly callbackUrl?: string | undefined;
  /** `compress` packs the rows on their way; `compressed` says that they are packed already. Default neither. */
  readonly gzip?: "compress" | "compressed" | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Bytes of the rows taken so far; starts again when the upload does. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
  /** Told before an upload is sent anew. */
  readonly onInterrupted?: ((error: unknown) => void) | undefined;
}

export type BulkUploadResult =
  /** Every row is durable. */
  | { readonly kind: "accepted"; readonly id: string }
  /** Nothing was accepted: the header, the encoding, the size or the idempotency key does not do. */
  | {
      readonly kind: "refused";
      readonly status: number;
      readonly code: string | undefined;
      readonly message: string;
      readonly place: UploadPlace;
    };

/** Where in the upload the reason of a refusal was found; lines, columns and rows count from 1. */
export interface UploadPlace {
  readonly line?: number;
  readonly column?: number;
  readonly row?: number;
  /** Byte, from 0. */
  readonly offset?: number;
}

/** How often an upload is sent before its lost connections are given up. */
const MOST_TRIES = 6;

const CONTENT_TYPES = { csv: "text/csv; charset=utf-8", ndjson: "application/x-ndjson" };

/** Answers by which the gateway refuses these rows; the same upload would be refused again. */
const REFUSALS: readonly number[] = [400, 409, 411, 413, 415, 422];

/** Sends rows to `POST /bulk-updates` as they are read. Throws what the rows' source throws, and GatewayErrors. */
export async function uploadBulkUpdate(
  transport: Transport,
  endpoints: Endpoints,
  upload: BulkUpload,
): Promise<BulkUploadResult> {
  const canOpenAgain = typeof upload.body === "function";
  const canRepeat = canOpenAgain && upload.idempotencyKey !== undefined;
  let isTokenRenewed = false;
  for (let tries = 1; ; tries += 1) {
    try {
      return await sendOnce(transport, endpoints, upload);
    } catch (error) {
      if (error instanceof GatewayUnauthenticatedError && canOpenAgain && !isTokenRenewed) {
        isTokenRenewed = true; // nothing was taken; the token source knows by now that its token was refused
        continue;
      }
      if (!canRepeat || tries >= MOST_TRIES || !isPassing(error)) {
        throw error;
      }
      upload.onInterrupted?.(error);
      await backOff(tries, askedMsOf(error), upload.signal);
    }
  }
}

async function sendOnce(
  transport: Transport,
  endpoints: Endpoints,
  upload: BulkUpload,
): Promise<BulkUploadResult> {
  const url = `${endpoints.bulkUpdates}${queryOf(upload)}`;
  const body = typeof upload.body === "function" ? upload.body() : upload.body;
  const rows = openRows(body, upload.onProgress, upload.gzip === "compress");
  try {
    const response = await transport({
      url,
      method: "POST",
      headers: {
        "content-type": CONTENT_TYPES[upload.format],
        ...(upload.gzip !== undefined ? { "content-encoding": "gzip" } : {}),
      },
      body: rows.content,
      signal: upload.signal,
      timeoutMs: Number.POSITIVE_INFINITY,
    });
    rows.answered();
    if (REFUSALS.includes(response.status)) {
      const { status, code, message, place = {} } = await httpFailureOf(response, url);
      return { kind: "refused", status, code, message, place };
    }
    if (!response.ok) {
      throw await httpErrorOf(response, url);
    }
    return { kind: "accepted", id: await idIn(response, url) };
  } catch (error) {
    throw rows.failure() ?? error;
  } finally {
    // A refusal may come early, and the rest of the rows is of no interest then.
    rows.close().catch(() => {});
  }
}

function queryOf(upload: BulkUpload): string {
  const { label, dryRun, skipUnchanged, idempotencyKey, callbackUrl } = upload;
  const query = new URLSearchParams();
  const given = { label, dryRun, skipUnchanged, idempotencyKey, callbackUrl };
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined) {
      query.set(name, String(value));
    }
  }
  return query.size === 0 ? "" : `?${query}`;
}

async function idIn(response: Response, url: string): Promise<string> {
  const text = await response.text().catch((error: unknown) => {
    throw unreachable(url, error);
  });
  try {
    const { id } = JSON.parse(text) as { id?: unknown };
    if (typeof id === "string") {
      return id;
    }
  } catch {
    // said below
  }
  const { status } = response;
  throw new GatewayHttpError(`${url} did not answer as a gateway does`, { url, status });
}
