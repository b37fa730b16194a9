import { type Issue, note } from "./issue.ts";
import { leftAfter, takeJson } from "./json-value.ts";
import { MAX_BODY_BYTES, MAX_DOCUMENT_DEPTH, MAX_OPERATIONS, type PatchLimits } from "./limits.ts";
import type { PatchOperation } from "./patch.ts";

/** Reports a patch with too many operations or too large a body. */
export function checkSize(
  patch: readonly PatchOperation[],
  limits: PatchLimits | undefined,
  issues: Issue[],
): void {
  const { maxOperations = MAX_OPERATIONS, maxBodyBytes: maxBytes = MAX_BODY_BYTES } = limits ?? {};
  if (patch.length > maxOperations)
    note(issues, "TOO_MANY_OPERATIONS", "", `More than ${maxOperations} operations`);
  let left = maxBytes;
  for (const operation of patch) left = leftAfter(operation, left, MAX_DOCUMENT_DEPTH);
  // Few patches come near the limit, and only those that might are counted.
  if (left <= patch.length)
    takeJson(patch, { maxBytes, maxDepth: MAX_DOCUMENT_DEPTH, isLenient: true }, issues);
}
