/** Every status the vendor documents. `None` means unset. Source: "Referral resources". */
export const referralStatuses = ["None", "New", "Active", "Closed"] as const;
/** One of {@link referralStatuses}. */
export type ReferralStatus = (typeof referralStatuses)[number];

/** Every substatus the vendor documents. `None` means unset. Source: "Referral resources". */
export const referralSubstatuses = [
  "None",
  "Pending",
  "Received",
  "Accepted",
  "Won",
  "Lost",
  "Declined",
  "Expired",
] as const;
/** One of {@link referralSubstatuses}. */
export type ReferralSubstatus = (typeof referralSubstatuses)[number];

/** How well a lead was qualified. Source: "Referral resources". */
export const qualifications = ["None", "Direct", "MarketingQualified", "SalesQualified"] as const;
/** One of {@link qualifications}. */
export type Qualification = (typeof qualifications)[number];

/** Kinds of customer id. Source: "Referral resources". */
export const profileTypes = ["Duns", "External"] as const;
/** One of {@link profileTypes}. */
export type ProfileType = (typeof profileTypes)[number];

/** Kinds of referral target. Source: "Referral resources". */
export const targetTypes = ["None", "BusinessProfileLocation", "SolutionProfile"] as const;
/** One of {@link targetTypes}. */
export type TargetType = (typeof targetTypes)[number];

/** Kinds of solution tag. Source: "Referral resources". */
export const solutionTypes = ["None", "Category", "Name"] as const;
/** One of {@link solutionTypes}. */
export type SolutionType = (typeof solutionTypes)[number];

/** Customer sizes documented so far, older spellings included; an unknown one is a warning, not an error. */
export const customerSizes = [
  "1to9employees",
  "10to50employees",
  "51to250employees",
  "251to1000employees",
  "1001to5000employees",
  "5001to10000employees",
  "10001to20000employees",
  "Morethan20000employees",
  "1to50employees",
  "51to500employees",
  "Morethan500employees",
] as const;

/** Where a referral stands: both halves of the vendor's state. */
export type ReferralState = { status: ReferralStatus; substatus: ReferralSubstatus };
