import type { NewBulkUpdate } from "@patchlane/update-queue";
import type { Services } from "../services.ts";
import { type InputIssue, isIdempotencyKey } from "../submit/parse-request.ts";

/** What a caller says about a bulk update as a whole, before it is checked; absent and null mean the default. */
export interface GivenOptions {
  readonly label?: string | null | undefined;
  readonly dryRun?: boolean | null | undefined;
  readonly skipUnchanged?: boolean | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
  readonly callbackUrl?: string | null | undefined;
}

export type BulkOptions = Omit<NewBulkUpdate, "submittedBy">;

const LONGEST_LABEL = 255;

/** Checks the options of a bulk update, however it comes in; answers every issue. */
export function checkOptions(
  given: GivenOptions,
  { checkCallbackUrl = callbacksAreOff }: Pick<Services, "checkCallbackUrl">,
): { ok: true; options: BulkOptions } | { ok: false; issues: InputIssue[] } {
  const label = given.label ?? undefined;
  const idempotencyKey = given.idempotencyKey ?? undefined;
  const callbackUrl = given.callbackUrl ?? undefined;
  const issues: InputIssue[] = [];
  const refuse = (path: string, message: string): void => {
    issues.push({ code: "INVALID_VALUE", path, message });
  };
  if (label !== undefined && (label.length > LONGEST_LABEL || !label.isWellFormed())) {
    refuse("/label", `Expected at most ${LONGEST_LABEL} characters`);
  }
  if (idempotencyKey !== undefined && !isIdempotencyKey(idempotencyKey)) {
    refuse("/idempotencyKey", "Expected 1 to 255 characters");
  }
  const urlProblem = callbackUrl === undefined ? undefined : checkCallbackUrl(callbackUrl);
  if (urlProblem !== undefined) {
    refuse("/callbackUrl", urlProblem);
  }
  if (issues.length > 0) {
    return { ok: false, issues };
  }
  return {
    ok: true,
    options: {
      isDryRun: given.dryRun ?? false,
      skipUnchanged: given.skipUnchanged ?? true,
      ...(label === undefined || label === "" ? {} : { label }),
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
      ...(callbackUrl === undefined ? {} : { callbackUrl }),
    },
  };
}

const callbacksAreOff = (): string => "Callbacks are off";

/** What of the options makes an input another one, for repeats under the same idempotency key. */
export function optionsForDigest({ idempotencyKey: _key, ...rest }: BulkOptions): string {
  const { label = null, isDryRun, skipUnchanged, callbackUrl = null } = rest;
  return JSON.stringify([label, isDryRun, skipUnchanged, callbackUrl]);
}
