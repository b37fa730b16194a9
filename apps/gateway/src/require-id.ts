import { parseReferralId } from "@patchlane/referral-patch";
import { callerError } from "./errors.ts";

/** The id, safe to send upstream. Throws BAD_USER_INPUT naming the argument. */
export function requireReferralId(id: string): string {
  const parsed = parseReferralId(id);
  if (!parsed.ok) {
    throw callerError("BAD_USER_INPUT", `id: ${parsed.issues[0]?.message ?? "not a referral id"}`, {
      issues: parsed.issues.map(({ code, message }) => ({ code, path: "/id", message })),
    });
  }
  return parsed.id;
}
