import { type Issue, issue } from "./issue.ts";
import { jsonBytes } from "./json-value.ts";
import { MAX_BODY_BYTES, MAX_OPERATIONS, type PatchLimits } from "./limits.ts";
import type { PatchOperation } from "./patch.ts";

/** Reports a patch with too many operations or too large a body. */
export function checkSize(
  patch: readonly PatchOperation[],
  limits: PatchLimits | undefined,
  issues: Issue[],
): void {
  const { maxOperations = MAX_OPERATIONS, maxBodyBytes = MAX_BODY_BYTES } = limits ?? {};
  if (patch.length > maxOperations)
    issues.push(
      issue("TOO_MANY_OPERATIONS", "", `${patch.length} operations; at most ${maxOperations}`),
    );
  const bytes = jsonBytes(patch);
  if (bytes > maxBodyBytes)
    issues.push(issue("TOO_LARGE", "", `${bytes} bytes of JSON; at most ${maxBodyBytes}`));
}
