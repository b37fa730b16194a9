import { allowedTransitions } from "@patchlane/referral-patch";
import { builder } from "./builder.ts";
import {
  ReferralStateType,
  ReferralStatusEnum,
  ReferralSubstatusEnum,
} from "./referral-vocabulary.ts";

builder.queryField("allowedTransitions", (t) =>
  t.field({
    type: [ReferralStateType],
    nullable: false,
    description: "Where a referral may go from a state, as the vendor documents it.",
    args: {
      status: t.arg({ type: ReferralStatusEnum, required: true }),
      substatus: t.arg({ type: ReferralSubstatusEnum }),
    },
    resolve: (_root, { status, substatus }) =>
      allowedTransitions({ status, ...(substatus ? { substatus } : {}) }),
  }),
);
