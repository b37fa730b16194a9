import { z } from "zod";
import type { ReferralStatus, ReferralSubstatus } from "./vocabulary.ts";

/*
 * Reading is lenient: the vendor adds properties and enum values without notice, so unknown
 * properties survive, enums are plain text and only `id` and `status` must be there.
 */

const text = z.string().nullish();
const flag = z.boolean().nullish();
const method = z.looseObject({ uri: text, method: text }).nullish();
/** An enum value we know, or one the vendor added since. */
const openEnum = <T extends string>() => z.custom<T | (string & {})>((v) => typeof v === "string");

const member = z.looseObject({
  firstName: text,
  lastName: text,
  phoneNumber: text,
  email: text,
  contactPreference: z.looseObject({ locale: text, disableNotifications: flag }).nullish(),
});

const tag = z.looseObject({ id: text });
const tags = z.array(tag).nullish();

const address = z.looseObject({
  addressLine1: text,
  addressLine2: text,
  city: text,
  state: text,
  postalCode: text,
  country: text,
  region: text,
});

const details = z.looseObject({
  notes: text,
  dealValue: z.union([z.number(), z.string()]).nullish(),
  currency: text,
  closingDateTime: text,
  requirements: z
    .looseObject({
      industries: tags,
      products: tags,
      services: tags,
      solutions: z.array(z.looseObject({ id: text, name: text, type: text })).nullish(),
    })
    .nullish(),
});

/** A referral as the vendor answers it. Source: "Referral resources". */
export const referralSchema = z.looseObject({
  id: z.string().min(1),
  engagementId: text,
  organizationId: text,
  organizationName: text,
  createdDateTime: text,
  updatedDateTime: text,
  acceptedDateTime: text,
  expirationDateTime: text,
  eTag: text,
  links: z.looseObject({ relatedReferrals: method, self: method }).nullish(),
  direction: text,
  type: text,
  name: text,
  externalReferenceId: text,
  status: openEnum<ReferralStatus>(),
  substatus: openEnum<ReferralSubstatus>().nullish(),
  statusReason: text,
  qualification: text,
  customerProfile: z
    .looseObject({
      name: text,
      address: address.nullish(),
      size: text,
      team: z.array(member).nullish(),
      ids: z.array(z.looseObject({ profileType: text, id: text })).nullish(),
    })
    .nullish(),
  consent: z
    .looseObject({ consentToToShareInfoWithOthers: flag, consentToContact: flag })
    .nullish(),
  details: details.nullish(),
  inviteContext: z
    .looseObject({
      notes: text,
      invitedBy: z.looseObject({ organizationId: text, organizationName: text }).nullish(),
    })
    .nullish(),
  team: z.array(member).nullish(),
  target: z.array(z.looseObject({ type: text, id: text })).nullish(),
});

/** A referral as the vendor answers it; properties we do not know are kept. */
export type Referral = z.infer<typeof referralSchema>;
