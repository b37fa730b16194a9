import { qualifications, referralStatuses, referralSubstatuses } from "@patchlane/referral-patch";
import { nearest } from "../bulk/nearest.ts";

/** What a field may be compared with. */
export type FieldType = "text" | "decimal" | "dateTime" | "boolean" | readonly string[];

/**
 * Every field a filter may name, as the vendor's resource table has it. Lists (team, target, ids, requirements) are not here:
 * no way of filtering by their elements is documented. Source: "Referral resources".
 */
const FIELDS: ReadonlyMap<string, FieldType> = new Map<string, FieldType>([
  ["id", "text"],
  ["engagementId", "text"],
  ["organizationId", "text"],
  ["organizationName", "text"],
  ["name", "text"],
  ["externalReferenceId", "text"],
  ["status", referralStatuses],
  ["substatus", referralSubstatuses],
  ["statusReason", "text"],
  ["qualification", qualifications],
  ["type", ["Independent", "Shared"]],
  ["direction", ["Incoming", "Outgoing"]],
  ["createdDateTime", "dateTime"],
  ["updatedDateTime", "dateTime"],
  ["acceptedDateTime", "dateTime"],
  ["expirationDateTime", "dateTime"],
  ["customerProfile/name", "text"],
  ["customerProfile/size", "text"],
  ["customerProfile/address/addressLine1", "text"],
  ["customerProfile/address/addressLine2", "text"],
  ["customerProfile/address/city", "text"],
  ["customerProfile/address/state", "text"],
  ["customerProfile/address/postalCode", "text"],
  ["customerProfile/address/country", "text"],
  ["customerProfile/address/region", "text"],
  ["consent/consentToToShareInfoWithOthers", "boolean"],
  ["consent/consentToContact", "boolean"],
  ["details/notes", "text"],
  ["details/dealValue", "decimal"],
  ["details/currency", "text"],
  ["details/closingDateTime", "dateTime"],
  ["inviteContext/notes", "text"],
  ["inviteContext/invitedBy/organizationId", "text"],
  ["inviteContext/invitedBy/organizationName", "text"],
]);

/** The names of the fields, in the vendor's spelling. */
export const filterFields: readonly string[] = [...FIELDS.keys()];

/** The field's type; undefined when no filter may name it. */
export function fieldType(path: string): FieldType | undefined {
  return FIELDS.get(path);
}

/** The field that was probably meant. */
export function nearestField(path: string): string | undefined {
  const dotted = filterFields.map((name) => name.replaceAll("/", "."));
  return nearest(path.replaceAll("/", "."), dotted)?.replaceAll(".", "/");
}
