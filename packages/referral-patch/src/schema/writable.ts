import * as z from "zod";
import { country, currency, dateTime, decimal, email, text } from "./leaves.ts";
import {
  profileTypes,
  qualifications,
  referralStatuses,
  referralSubstatuses,
  solutionTypes,
  targetTypes,
} from "./vocabulary.ts";

/*
 * The vendor's resource table, writable part only, in the order operations are written.
 * Source: "Referral resources" and "Update a lead or opportunity". Objects are strict: a field the
 * table does not have is reported, as an issue in changes and as a warning in raw patches.
 */

/** A person of the partner's or the customer's team. Any field may be left out. */
export const memberSchema = z.strictObject({
  email: email.nullish(),
  firstName: text.nullish(),
  lastName: text.nullish(),
  phoneNumber: text.nullish(),
  contactPreference: z
    .strictObject({ locale: text.nullish(), disableNotifications: z.boolean().nullish() })
    .nullish(),
});

const tag = z.strictObject({ id: text });

const customerProfile = z.strictObject({
  name: text.nullish(),
  address: z
    .strictObject({
      addressLine1: text.nullish(),
      addressLine2: text.nullish(),
      city: text.nullish(),
      state: text.nullish(),
      postalCode: text.nullish(),
      country: country.nullish(),
      region: text.nullish(),
    })
    .nullish(),
  size: text.nullish(),
  team: z.array(memberSchema).nullish(),
  ids: z.array(z.strictObject({ profileType: z.enum(profileTypes), id: text })).nullish(),
});

const details = z.strictObject({
  dealValue: decimal.nullish(),
  notes: text.nullish(),
  currency: currency.nullish(),
  closingDateTime: dateTime.nullish(),
  requirements: z
    .strictObject({
      industries: z.array(tag).nullish(),
      products: z.array(tag).nullish(),
      services: z.array(tag).nullish(),
      solutions: z
        .array(
          z.strictObject({
            id: text,
            name: text.nullish(),
            type: z.enum(solutionTypes).nullish(),
          }),
        )
        .nullish(),
    })
    .nullish(),
});

/** Every writable property of a referral, each optional. */
export const writableSchema = z.strictObject({
  name: text.nullish(),
  externalReferenceId: text.nullish(),
  // A referral always has a state: unlike the rest, these two cannot be emptied.
  status: z.enum(referralStatuses).optional(),
  substatus: z.enum(referralSubstatuses).optional(),
  statusReason: text.nullish(),
  qualification: z.enum(qualifications).nullish(),
  customerProfile: customerProfile.nullish(),
  consent: z
    .strictObject({
      // The double "ToTo" is the vendor's real wire name.
      consentToToShareInfoWithOthers: z.boolean().nullish(),
      consentToContact: z.boolean().nullish(),
    })
    .nullish(),
  details: details.nullish(),
  inviteContext: z
    .strictObject({
      notes: text.nullish(),
      invitedBy: z
        .strictObject({ organizationId: text.nullish(), organizationName: text.nullish() })
        .nullish(),
    })
    .nullish(),
  team: z.array(memberSchema).nullish(),
  target: z.array(z.strictObject({ type: z.enum(targetTypes), id: text })).nullish(),
});

/** Every writable property of a referral, each optional. */
export type Writable = z.infer<typeof writableSchema>;
