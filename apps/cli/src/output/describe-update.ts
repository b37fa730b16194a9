import type { ReferralUpdate } from "@patchlane/gateway-client";
import { printable } from "./printer.ts";

type Patch = ReferralUpdate["patch"];

/** One update for people, in a few lines. */
export function describeUpdate(update: ReferralUpdate): string[] {
  const { id, referralId, state, attempts, error, etag } = update;
  return [
    `${id}  ${state}`,
    `  referral ${printable(referralId)}, ${attempts} ${attempts === 1 ? "attempt" : "attempts"}`,
    ...(error === null ? [] : [`  ${error.code}: ${printable(error.message)}${at(error.path)}`]),
    ...(etag === null ? [] : [`  ETag ${printable(etag)}`]),
    ...describePatch(update.patch),
  ];
}

/** A patch, one operation a line. */
export function describePatch(patch: Patch): string[] {
  return patch.map(
    ({ op, path, value }) =>
      `  ${op} ${printable(path)} = ${printable(JSON.stringify(value) ?? "null")}`,
  );
}

function at(path: string | null): string {
  return path === null ? "" : ` (${printable(path)})`;
}
