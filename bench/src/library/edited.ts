import type { Referral, ReferralChanges } from "@patchlane/referral-patch";

/**
 * A referral with changes in it, as one writes it where a library only compares documents: copied along the
 * changed paths and shared otherwise, which is the cheapest way and lets a comparison skip what is shared.
 */
export function edited(referral: Referral, { team, ...fields }: ReferralChanges): Referral {
  const copy = overlaid(referral, fields) as Referral;
  return team?.add === undefined ? copy : { ...copy, team: [...(copy.team ?? []), ...team.add] };
}

function overlaid(target: object, changes: object): object {
  const copy: Record<string, unknown> = { ...target };
  for (const [key, value] of Object.entries(changes)) {
    const was = copy[key];
    copy[key] = isPlain(value) && isPlain(was) ? overlaid(was, value) : value;
  }
  return copy;
}

const isPlain = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
