import type { WholeReferral } from "@patchlane/gateway-client";
import { printable } from "./printer.ts";

/** One referral for people, in a few lines. */
export function describeReferral(referral: WholeReferral): string[] {
  const { id, name, status, substatus, etag, details, customerProfile, team } = referral;
  const fields: readonly (readonly [label: string, value: string | null | undefined])[] = [
    ["external id", referral.externalReferenceId],
    ["customer", customerProfile?.name],
    ["deal", dealOf(details)],
    ["closing", details?.closingDateTime?.slice(0, 10)],
    ["qualification", referral.qualification],
    ["notes", details?.notes],
    ["team", team.map(({ email }) => email ?? "").join(", ")],
    ["updated", referral.updatedDateTime],
    ["ETag", etag],
    ["may become", allowedOf(referral)],
  ];
  return [
    `${printable(id)}  ${status}/${substatus}  ${printable(name ?? "")}`.trimEnd(),
    ...fields.flatMap(([label, value]) =>
      value === null || value === undefined || value === ""
        ? []
        : [`  ${label} ${printable(value)}`],
    ),
  ];
}

function dealOf(details: WholeReferral["details"]): string | undefined {
  const value = details?.dealValue ?? undefined;
  return value === undefined ? undefined : `${value} ${details?.currency ?? ""}`.trimEnd();
}

function allowedOf({ allowedTransitions }: WholeReferral): string {
  return allowedTransitions.map(({ status, substatus }) => `${status}/${substatus}`).join(", ");
}
