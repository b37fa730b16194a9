// Made from apps/gateway/schema.graphql by `pnpm run generate`. Do not edit.

/** Values of the enum ReferralStatus. */
export const referralStatusValues = [
  "Active",
  "Closed",
  "New",
  "None"
] as const;

/** Values of the enum ReferralSubstatus. */
export const referralSubstatusValues = [
  "Accepted",
  "Declined",
  "Expired",
  "Lost",
  "None",
  "Pending",
  "Received",
  "Won"
] as const;

/** Values of the enum UpdateState. */
export const updateStateValues = [
  "APPLIED",
  "CANCELLED",
  "FAILED",
  "QUEUED",
  "SENDING",
  "UNCHANGED"
] as const;

/** Values of the enum BulkUpdateState. */
export const bulkUpdateStateValues = [
  "CANCELLED",
  "COMPLETED",
  "COMPLETED_WITH_ERRORS",
  "INGESTING",
  "PAUSED",
  "RUNNING"
] as const;

/** Fields of a referral that may be changed, as dotted paths, with their GraphQL types. */
export const changeFields = {
  "consent.consentToContact": "Boolean",
  "consent.consentToToShareInfoWithOthers": "Boolean",
  "customerProfile.address.addressLine1": "String",
  "customerProfile.address.addressLine2": "String",
  "customerProfile.address.city": "String",
  "customerProfile.address.country": "String",
  "customerProfile.address.postalCode": "String",
  "customerProfile.address.region": "String",
  "customerProfile.address.state": "String",
  "customerProfile.ids": "[CustomerProfileIdInput!]",
  "customerProfile.name": "String",
  "customerProfile.size": "String",
  "customerProfile.team": "[MemberInput!]",
  "details.closingDateTime": "DateTime",
  "details.currency": "String",
  "details.dealValue": "Decimal",
  "details.notes": "String",
  "details.requirements.industries": "[TagInput!]",
  "details.requirements.products": "[TagInput!]",
  "details.requirements.services": "[TagInput!]",
  "details.requirements.solutions": "[SolutionTagInput!]",
  "externalReferenceId": "String",
  "inviteContext.invitedBy.organizationId": "String",
  "inviteContext.invitedBy.organizationName": "String",
  "inviteContext.notes": "String",
  "name": "String",
  "qualification": "String",
  "status": "ReferralStatus",
  "statusReason": "String",
  "substatus": "ReferralSubstatus",
  "team.add": "[MemberInput!]",
  "team.update": "[MemberInput!]"
} as const;
