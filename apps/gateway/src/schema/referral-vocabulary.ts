import {
  type ReferralState,
  type ReferralStatus,
  type ReferralSubstatus,
  referralStatuses,
  referralSubstatuses,
} from "@patchlane/referral-patch";
import { builder } from "./builder.ts";

export const ReferralStatusEnum = builder.enumType("ReferralStatus", {
  values: referralStatuses as readonly ReferralStatus[],
});

export const ReferralSubstatusEnum = builder.enumType("ReferralSubstatus", {
  values: referralSubstatuses as readonly ReferralSubstatus[],
});

export const ReferralStateType = builder.objectRef<ReferralState>("ReferralState").implement({
  fields: (t) => ({
    status: t.expose("status", { type: ReferralStatusEnum, nullable: false }),
    substatus: t.expose("substatus", { type: ReferralSubstatusEnum, nullable: false }),
  }),
});
