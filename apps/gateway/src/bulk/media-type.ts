import type { IncomingHttpHeaders } from "node:http";
import { UploadProblem } from "./upload-problem.ts";

export interface UploadForm {
  readonly format: "csv" | "ndjson";
  readonly isGzip: boolean;
}

const FORMATS: Readonly<Record<string, UploadForm["format"]>> = {
  "text/csv": "csv",
  "application/csv": "csv",
  "application/x-ndjson": "ndjson",
  "application/ndjson": "ndjson",
  "application/jsonl": "ndjson",
};

/** Reads what a body says it is. Throws {@link UploadProblem} for what is not taken. */
export function uploadForm(headers: IncomingHttpHeaders): UploadForm {
  const [type = "", ...parameters] = (headers["content-type"] ?? "")
    .split(";")
    .map((part) => part.trim().toLowerCase());
  const format = Object.hasOwn(FORMATS, type) ? FORMATS[type] : undefined;
  if (format === undefined) {
    throw refusal("The Content-Type must be text/csv or application/x-ndjson");
  }
  const charset = parameters.find((part) => /^charset\s*=/.test(part));
  if (charset !== undefined && !/^charset\s*=\s*"?(utf-?8|us-ascii)"?$/.test(charset)) {
    throw refusal("The charset must be utf-8: save or convert the file as UTF-8");
  }
  const encoding = (headers["content-encoding"] ?? "identity").trim().toLowerCase();
  if (encoding !== "identity" && encoding !== "gzip" && encoding !== "x-gzip") {
    throw refusal("The Content-Encoding must be gzip, or none");
  }
  return { format, isGzip: encoding !== "identity" };
}

function refusal(message: string): UploadProblem {
  return new UploadProblem("UNSUPPORTED_MEDIA_TYPE", message);
}
