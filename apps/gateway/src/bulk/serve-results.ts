import type { ServerResponse } from "node:http";
import type { UpdateState } from "@patchlane/update-queue";
import { internalCauseOf, maskError } from "../errors.ts";
import type { Handler } from "../http/route.ts";
import { sendJson } from "../http/send-json.ts";
import type { Services } from "../services.ts";
import { findBulkUpdate } from "./find-bulk-update.ts";
import { readRows } from "./read-rows.ts";
import { writeCsv, writeNdjson } from "./write-results.ts";

const RESULTS_PATH = /^\/bulk-updates\/([^/]+)\/results\.(csv|ndjson)$/;
const STATES: readonly string[] = [
  "QUEUED",
  "SENDING",
  "APPLIED",
  "UNCHANGED",
  "FAILED",
  "CANCELLED",
] satisfies UpdateState[];
const MEDIA_TYPES = {
  csv: "text/csv; charset=utf-8; header=present",
  ndjson: "application/x-ndjson; charset=utf-8",
} as const;

/** Whether a path is that of results.csv or results.ndjson of a bulk update. */
export function isResultsPath(path: string): boolean {
  return RESULTS_PATH.test(path);
}

/** Streams every row's fate at the pace of the reader; memory does not depend on how many there are. */
export function serveResults(services: Services): Handler {
  return async (request, response, { requestId }) => {
    const url = new URL(request.url ?? "/", "http://gateway");
    const [, id = "", format] = RESULTS_PATH.exec(url.pathname) ?? [];
    if (format !== "csv" && format !== "ndjson") {
      fail(response, 404, "NOT_FOUND", "There is nothing here");
      return;
    }
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      fail(response, 405, "METHOD_NOT_ALLOWED", "Results are read with GET");
      return;
    }
    const states = url.searchParams.getAll("state");
    if (states.length > 1 || states.some((state) => !STATES.includes(state))) {
      fail(response, 400, "BAD_USER_INPUT", `state must be one of ${STATES.join(", ")}`);
      return;
    }
    const state = states[0] as UpdateState | undefined;
    await send(services, response, {
      id,
      format,
      state,
      isHead: request.method === "HEAD",
      requestId,
    });
  };
}

interface Wanted {
  readonly id: string;
  readonly format: "csv" | "ndjson";
  readonly state: UpdateState | undefined;
  readonly isHead: boolean;
  readonly requestId: string;
}

async function send(services: Services, response: ServerResponse, wanted: Wanted): Promise<void> {
  const left = new AbortController();
  response.once("close", () => left.abort());
  try {
    const bulkUpdate = await findBulkUpdate(services, wanted.id);
    if (bulkUpdate === undefined) {
      fail(response, 404, "NOT_FOUND", "There is no such bulk update");
      return;
    }
    const rows = await readRows(services, wanted.id, wanted.state, left.signal);
    const { id, format, state } = wanted;
    const name = state === undefined ? `${id}.${format}` : `${id}-${state}.${format}`;
    response.writeHead(200, {
      "content-type": MEDIA_TYPES[format],
      "content-disposition": `attachment; filename="${name}"`,
      "cache-control": "no-store",
    });
    if (wanted.isHead) {
      response.end();
      return;
    }
    await (format === "csv"
      ? writeCsv(rows, bulkUpdate.columns, response)
      : writeNdjson(rows, response));
  } catch (error) {
    if (!response.headersSent) {
      failWith(services, response, error, wanted.requestId);
      return;
    }
    if (!left.signal.aborted) {
      const { id: bulkUpdateId, requestId } = wanted;
      services.log.warn({ error, bulkUpdateId, requestId }, "results were cut off");
    }
    response.destroy(); // an end would look like the end of the rows
  }
}

function failWith(
  { log }: Services,
  response: ServerResponse,
  error: unknown,
  requestId: string,
): void {
  const masked = maskError(error);
  const internal = internalCauseOf(masked);
  if (internal !== undefined) {
    log.error({ error: internal.cause, requestId }, "internal error");
  }
  const { message, extensions } = masked;
  const isAway = extensions.code === "SERVICE_UNAVAILABLE";
  if (isAway) {
    response.setHeader("retry-after", "1");
  }
  fail(response, isAway ? 503 : 500, String(extensions.code), message);
}

function fail(response: ServerResponse, status: number, code: string, message: string): void {
  sendJson(response, status, { error: { code, message } });
}
