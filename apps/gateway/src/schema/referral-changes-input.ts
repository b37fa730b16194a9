import { builder } from "./builder.ts";
import { ReferralStatusEnum, ReferralSubstatusEnum } from "./referral-vocabulary.ts";

/*
 * What a caller wants to be true. Every field is optional: absent is left alone, null is sent as null.
 */

const ContactPreferenceInput = builder.inputType("ContactPreferenceInput", {
  fields: (t) => ({ locale: t.string(), disableNotifications: t.boolean() }),
});

const MemberInput = builder.inputType("MemberInput", {
  fields: (t) => ({
    email: t.string(),
    firstName: t.string(),
    lastName: t.string(),
    phoneNumber: t.string(),
    contactPreference: t.field({ type: ContactPreferenceInput }),
  }),
});

const AddressInput = builder.inputType("AddressInput", {
  fields: (t) => ({
    addressLine1: t.string(),
    addressLine2: t.string(),
    city: t.string(),
    state: t.string(),
    postalCode: t.string(),
    country: t.string({ description: "ISO 3166-1 alpha-2." }),
    region: t.string(),
  }),
});

const CustomerProfileIdInput = builder.inputType("CustomerProfileIdInput", {
  fields: (t) => ({
    profileType: t.string({ description: "Duns or External." }),
    id: t.string(),
  }),
});

const CustomerProfileInput = builder.inputType("CustomerProfileInput", {
  fields: (t) => ({
    name: t.string(),
    address: t.field({ type: AddressInput }),
    size: t.string(),
    team: t.field({ type: [MemberInput], description: "The whole list." }),
    ids: t.field({ type: [CustomerProfileIdInput], description: "The whole list." }),
  }),
});

const ConsentInput = builder.inputType("ConsentInput", {
  fields: (t) => ({
    consentToToShareInfoWithOthers: t.boolean({
      description: 'The double "ToTo" is the vendor\'s real name.',
    }),
    consentToContact: t.boolean(),
  }),
});

const TagInput = builder.inputType("TagInput", { fields: (t) => ({ id: t.string() }) });

const SolutionTagInput = builder.inputType("SolutionTagInput", {
  fields: (t) => ({ id: t.string(), name: t.string(), type: t.string() }),
});

const RequirementsInput = builder.inputType("RequirementsInput", {
  description: "Each list is the whole list.",
  fields: (t) => ({
    industries: t.field({ type: [TagInput] }),
    products: t.field({ type: [TagInput] }),
    services: t.field({ type: [TagInput] }),
    solutions: t.field({ type: [SolutionTagInput] }),
  }),
});

const ReferralDetailsInput = builder.inputType("ReferralDetailsInput", {
  fields: (t) => ({
    notes: t.string(),
    dealValue: t.field({ type: "Decimal" }),
    currency: t.string({ description: "ISO 4217." }),
    closingDateTime: t.field({ type: "DateTime" }),
    requirements: t.field({ type: RequirementsInput }),
  }),
});

const InvitedByInput = builder.inputType("InvitedByInput", {
  fields: (t) => ({ organizationId: t.string(), organizationName: t.string() }),
});

const InviteContextInput = builder.inputType("InviteContextInput", {
  fields: (t) => ({ notes: t.string(), invitedBy: t.field({ type: InvitedByInput }) }),
});

const TeamChangesInput = builder.inputType("TeamChangesInput", {
  description: "Members are matched by e-mail, case-insensitive.",
  fields: (t) => ({
    add: t.field({ type: [MemberInput] }),
    update: t.field({ type: [MemberInput] }),
  }),
});

export const ReferralChangesInput = builder.inputType("ReferralChangesInput", {
  description:
    "What the caller wants to be true; a field that is absent is left alone, null is sent as null.",
  fields: (t) => ({
    name: t.string(),
    externalReferenceId: t.string(),
    status: t.field({ type: ReferralStatusEnum }),
    substatus: t.field({ type: ReferralSubstatusEnum }),
    statusReason: t.string(),
    qualification: t.string(),
    customerProfile: t.field({ type: CustomerProfileInput }),
    consent: t.field({ type: ConsentInput }),
    details: t.field({ type: ReferralDetailsInput }),
    inviteContext: t.field({ type: InviteContextInput }),
    team: t.field({ type: TeamChangesInput }),
  }),
});
