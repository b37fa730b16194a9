import { createHash } from "node:crypto";
import { canonicalJson } from "@patchlane/update-queue";
import {
  LONGEST_ROW_BYTES,
  type ReadRow,
  type RowRequest,
  startOf,
  TOO_LONG,
} from "./row-request.ts";
import type { RowSource } from "./take-rows.ts";
import { isTooDeep, TOO_DEEP } from "./too-deep.ts";

/** The rows of a bulk update that came in one piece. */
export function inlineSource(items: readonly RowRequest[], optionsForDigest: string): RowSource {
  return {
    async readRows(take) {
      for (const item of items) {
        const wait = take(rowOf(item));
        if (wait !== undefined) {
          await wait;
        }
      }
    },
    async skip() {},
    digest: () =>
      createHash("sha256")
        .update(
          `inline\n${optionsForDigest}\n${canonicalJson(items.map((item) => (isTooDeep(item) ? null : item)))}`,
        )
        .digest("hex"),
    columns: () => undefined,
    mayResumeAfter: () => false,
  };
}

function rowOf(request: RowRequest): ReadRow {
  if (isTooDeep(request)) {
    return { request: {}, issues: [TOO_DEEP], input: () => ({ line: "" }), bytes: 0 };
  }
  const line = JSON.stringify(request);
  const bytes = Buffer.byteLength(line);
  return bytes > LONGEST_ROW_BYTES
    ? { request: {}, issues: [TOO_LONG], input: () => ({ line: startOf(line) }), bytes }
    : { request, input: () => ({ line }), bytes };
}
