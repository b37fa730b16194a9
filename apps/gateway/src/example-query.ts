/** What GraphiQL shows at first: one query and one mutation that work against the local stack. */
export const EXAMPLE_QUERY = `# Patchlane: change referrals in Microsoft Partner Center.
# These work as they are against the local stack (pnpm dev). Press the play button and pick one.

query LookAtAReferral {
  referral(id: "61c65491-2f2c-461a-84b4-3654499bc1d9") {
    name
    status
    substatus
    details { dealValue currency notes }
    team { firstName lastName email }
    allowedTransitions { status substatus }
    updates(first: 5) { nodes { id state submittedAt error { code message } } }
  }
  queue { waiting active delayed paused ratePerSecond oldestWaitingSeconds }
}

mutation ChangeTheDeal {
  updateReferral(input: {
    referralId: "61c65491-2f2c-461a-84b4-3654499bc1d9"
    changes: { details: { dealValue: "10000", notes: "Budget confirmed" } }
  }) {
    __typename
    ... on UpdateReferralPayload {
      update { id state attempts etag error { code message } }
      patch { op path value }
    }
    ... on UserError { message }
    ... on InvalidInputError { issues { code path message } }
    ... on InvalidTransitionError { allowed { status substatus } }
  }
}
`;
