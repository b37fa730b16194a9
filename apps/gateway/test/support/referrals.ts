import { randomUUID } from "node:crypto";
import type { JsonObject, Simulator } from "@patchlane/simulator";

/** A referral as the vendor's example shows it, shortened, with money a double would round. */
const TEMPLATE: JsonObject = {
  name: "Contoso pilot",
  status: "New",
  substatus: "Pending",
  type: "Independent",
  direction: "Incoming",
  qualification: "SalesQualified",
  customerProfile: { name: "Contoso Customer Inc", size: "10to50employees", team: [], ids: [] },
  consent: { consentToToShareInfoWithOthers: true, consentToContact: true },
  details: { notes: "first", dealValue: 50000, currency: "USD" },
  team: [{ email: "jane.doe@contoso.com", firstName: "Jane", lastName: "Doe" }],
};

/** A new referral upstream, by default `New`/`Pending`; answers its id. */
export function newReferral(simulator: Simulator, more: JsonObject = {}): string {
  const id = randomUUID();
  simulator.control.putReferral(id, { ...TEMPLATE, ...more, id });
  return id;
}

/** The bodies of the PATCH requests the upstream got for a referral, oldest first. */
export function patchesOf(simulator: Simulator, referralId: string): unknown[] {
  return simulator.control
    .requests()
    .filter((request) => request.method === "PATCH" && request.referralId === referralId)
    .map(({ body }) => body);
}
