import type { IncomingMessage, ServerResponse } from "node:http";
import { IntakeLostError, isRedisTrouble, LedgerUnavailableError } from "@patchlane/update-queue";
import { RETRY_AFTER_MS } from "../errors.ts";
import type { Handler } from "../http/route.ts";
import { letSend, refuse } from "../refuse-body.ts";
import { type Services, servicesOf } from "../services.ts";
import type { Caller } from "../sign-in/caller.ts";
import { inUploadSpan } from "../tracing/in-upload-span.ts";
import { optionsForDigest } from "./bulk-options.ts";
import { uploadForm } from "./media-type.ts";
import { queryOptions } from "./query-options.ts";
import { ConnectionLostError, readBody, tooLarge } from "./read-body.ts";
import { takeRows } from "./take-rows.ts";
import { UploadProblem } from "./upload-problem.ts";
import { uploadSource } from "./upload-source.ts";

export interface UploadLimits {
  /** Most bytes of an upload, decompressed. */
  readonly maxBytes: number;
  readonly maxRows: number;
  /** ms a sender may be silent; default one minute. */
  readonly silenceMs?: number;
}

/** Answers `POST /bulk-updates`: 202 with the id once every byte was read and every row is durable; anything else means that nothing of it will run. */
export function serveUploads(services: Services, limits: UploadLimits): Handler {
  return async (request, response, { caller, requestId }) => {
    const own = servicesOf(services, { requestId });
    if (request.method !== "POST") {
      response.setHeader("allow", "POST");
      refuse(
        request,
        response,
        405,
        problem("METHOD_NOT_ALLOWED", "Bulk updates are sent by POST"),
      );
      return;
    }
    try {
      const id = await inUploadSpan(request, requestId, () =>
        takeUpload(own, limits, caller, { request, response }),
      );
      response.writeHead(202, {
        "content-type": "application/json; charset=utf-8",
        "cache-control": "no-store",
        location: `/bulk-updates/${id}/results.ndjson`,
      });
      response.end(JSON.stringify({ id }));
    } catch (error) {
      if (error instanceof ConnectionLostError) {
        own.log.info({ reason: "connection lost" }, "an upload was not received completely");
        throw error;
      }
      const seen = asProblem(own, error);
      if (seen.code === "SERVICE_UNAVAILABLE") {
        response.setHeader("retry-after", String(Math.ceil(RETRY_AFTER_MS / 1_000)));
      }
      refuse(request, response, seen.status, problem(seen.code, seen.message, seen.place));
    }
  };
}

async function takeUpload(
  services: Services,
  limits: UploadLimits,
  { subject }: Caller,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
): Promise<string> {
  const { searchParams } = new URL(request.url ?? "/", "http://gateway");
  const options = queryOptions(searchParams, services);
  const { format, isGzip } = uploadForm(request.headers);
  // Decided by the announced length where there is one, so that nothing is sent in vain.
  if (!isGzip && Number(request.headers["content-length"] ?? 0) > limits.maxBytes) {
    throw tooLarge(limits.maxBytes);
  }
  async function* body(): AsyncGenerator<Buffer> {
    letSend(request, response); // not before Redis has taken the beginning
    yield* readBody(request, isGzip, limits);
  }
  const source = uploadSource({
    format,
    body: body(),
    optionsForDigest: optionsForDigest(options),
    maxRows: limits.maxRows,
  });
  const taken = await takeRows(services.queue.bulk, { ...options, submittedBy: subject }, source);
  if (taken.kind === "mismatch") {
    throw new UploadProblem(
      "IDEMPOTENCY_MISMATCH",
      "This idempotency key was used for another input",
    );
  }
  return taken.bulkUpdateId;
}

function problem(code: string, message: string, place: object = {}): unknown {
  return { error: { code, message, ...place } };
}

function asProblem({ log }: Services, error: unknown): UploadProblem {
  if (error instanceof UploadProblem) {
    return error;
  }
  if (error instanceof IntakeLostError) {
    return new UploadProblem(
      "TAKEN_OVER",
      "Another upload with this idempotency key has taken over, or this one was given up",
    );
  }
  if (error instanceof LedgerUnavailableError || isRedisTrouble(error)) {
    log.warn({ error }, "an upload was not accepted");
    return new UploadProblem(
      "SERVICE_UNAVAILABLE",
      "The update queue is not available at the moment; nothing was accepted",
    );
  }
  log.error({ error }, "internal error");
  return new UploadProblem("INTERNAL_SERVER_ERROR", "Internal error");
}
