/** What is sent: one operation on every server. */
export type OperationName = "mutate" | "mutateWithKey" | "read" | "rules";

export const OPERATION_NAMES: readonly OperationName[] = [
  "mutate",
  "mutateWithKey",
  "read",
  "rules",
];

const UPDATE_REFERRAL = `mutation UpdateReferral($input: UpdateReferralInput!) {
  updateReferral(input: $input) {
    __typename
    ... on UpdateReferralPayload {
      update { id referralId state submittedBy submittedAt attempts error { code message } }
      patch { op path value }
    }
    ... on UserError { message }
    ... on InvalidInputError { issues { code path message } }
  }
}`;

const REFERRAL_UPDATE = `query ReferralUpdate($id: ID!) {
  referralUpdate(id: $id) {
    id referralId state submittedBy submittedAt finishedAt attempts etag
    patch { op path value }
    error { code message }
  }
}`;

const ALLOWED_TRANSITIONS = `query AllowedTransitions($status: ReferralStatus!) {
  allowedTransitions(status: $status) { status substatus }
}`;

/** What an answer holds when the operation did what it should. */
export const SUCCESS: Readonly<Record<OperationName, string>> = {
  mutate: '"state":"QUEUED"',
  mutateWithKey: '"state":"QUEUED"',
  read: '"state":"QUEUED"',
  rules: '"substatus":"Accepted"',
};

/** The body of the `n`th request of a run: every mutation on a referral of its own, two fields, not waited for. */
export function mutationBody(runId: string, n: number, hasKey: boolean): string {
  const input = {
    referralId: `${runId}-4000-8000-${String(n).padStart(12, "0")}`,
    changes: { name: `Renewal ${n}`, details: { notes: `Budget confirmed by phone, call ${n}` } },
    waitMs: 0,
    ...(hasKey ? { idempotencyKey: `${runId}/${n}` } : {}),
  };
  return JSON.stringify({ query: UPDATE_REFERRAL, variables: { input } });
}

/** A query for one update by its id. */
export function readBody(id: string): string {
  return JSON.stringify({ query: REFERRAL_UPDATE, variables: { id } });
}

/** A query that is answered from memory: what HTTP and GraphQL cost without Redis. */
export const RULES_BODY = JSON.stringify({
  query: ALLOWED_TRANSITIONS,
  variables: { status: "New" },
});
