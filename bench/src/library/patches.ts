import type { ReferralChanges } from "@patchlane/referral-patch";
import type { Operation } from "./contender.ts";

/** Valid for every referral of the benchmark, in place as often as wanted, and within what every library can apply. */
export const ONE_FIELD: readonly Operation[] = [
  { op: "replace", path: "/details/notes", value: "Call back on Monday" },
];

export const EIGHT_FIELDS: readonly Operation[] = [
  { op: "replace", path: "/name", value: "Renewal, second year" },
  { op: "replace", path: "/status", value: "Active" },
  { op: "replace", path: "/substatus", value: "Accepted" },
  { op: "replace", path: "/customerProfile/address/city", value: "Exampletown" },
  { op: "replace", path: "/details/dealValue", value: "60000.50" },
  { op: "replace", path: "/details/notes", value: "Call back on Monday" },
  { op: "replace", path: "/details/closingDateTime", value: "2027-03-31T00:00:00Z" },
  { op: "replace", path: "/inviteContext/notes", value: "Shall we?" },
];

/** An element at the end, by index: `just-diff-apply` does not know `-`. */
export const APPENDED_PERSON: readonly Operation[] = [
  {
    op: "add",
    path: "/team/3",
    value: { firstName: "Jane", lastName: "Doe", email: "jane.doe@partner.example" },
  },
];

/** As changes. */
export const TWO_FIELDS: ReferralChanges = {
  details: { dealValue: "60000.50", notes: "Call back on Monday" },
};

export const SIX_FIELDS_AND_A_PERSON: ReferralChanges = {
  name: "Renewal, second year",
  status: "Active",
  substatus: "Accepted",
  customerProfile: { address: { city: "Exampletown" } },
  details: { dealValue: "60000.50", notes: "Call back on Monday" },
  team: { add: [{ firstName: "Jane", lastName: "Doe", email: "jane.doe@partner.example" }] },
};

/** Two patches in a row: a later value of one field, and fields only one of them has. */
export const FIRST: readonly Operation[] = [
  { op: "replace", path: "/name", value: "Renewal, second year" },
  { op: "replace", path: "/details/notes", value: "Call back on Monday" },
  { op: "replace", path: "/status", value: "Active" },
  { op: "replace", path: "/substatus", value: "Accepted" },
];
export const SECOND: readonly Operation[] = [
  { op: "replace", path: "/details/notes", value: "Called back" },
  { op: "replace", path: "/details/currency", value: "EUR" },
];
