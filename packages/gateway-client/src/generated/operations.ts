// Made from apps/gateway/schema.graphql and src/operations by `pnpm run generate`. Do not edit.
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import { defineOperation } from "../operation.ts";
export type AddressInput = {
  readonly addressLine1?: string | null | undefined;
  readonly addressLine2?: string | null | undefined;
  readonly city?: string | null | undefined;
  /** ISO 3166-1 alpha-2. */
  readonly country?: string | null | undefined;
  readonly postalCode?: string | null | undefined;
  readonly region?: string | null | undefined;
  readonly state?: string | null | undefined;
};

/** One row. What is wrong with it makes this row FAILED; the rest goes on. */
export type BulkItemInput = {
  /** Exactly one of changes and patch. */
  readonly changes?: ReferralChangesInput | null | undefined;
  /** The CRM's own id, resolved through the referral list. */
  readonly externalReferenceId?: string | null | undefined;
  /** Pins an ETag: any other version upstream makes this row fail with CONFLICT. */
  readonly ifMatch?: string | null | undefined;
  /** Raw JSON Patch, same checks. */
  readonly patch?: ReadonlyArray<PatchOperationInput> | null | undefined;
  /** Exactly one of referralId and externalReferenceId. */
  readonly referralId?: string | null | undefined;
};

export type BulkUpdateReferralsInput = {
  /** Told by a signed POST when the bulk update is over. */
  readonly callbackUrl?: string | null | undefined;
  /** Plan only: nothing is written upstream. */
  readonly dryRun?: boolean | null | undefined;
  /** 1 to 255 characters. Same key and same input: the same bulk update. */
  readonly idempotencyKey?: string | null | undefined;
  /** 1 to 1000 rows; larger sets go through POST /bulk-updates. */
  readonly items?: ReadonlyArray<BulkItemInput> | null | undefined;
  /** For people; at most 255 characters. */
  readonly label?: string | null | undefined;
  /** A row whose referral already is as the row says ends UNCHANGED, without a write. */
  readonly skipUnchanged?: boolean | null | undefined;
};

export type BulkUpdateState =
  /** Rows that were QUEUED are being taken back, or were. */
  | 'CANCELLED'
  /** Every row is final, none FAILED. */
  | 'COMPLETED'
  /** Every row is final, some FAILED. */
  | 'COMPLETED_WITH_ERRORS'
  /** Its rows are being received; nothing of it is sent. */
  | 'INGESTING'
  /** Rows that are QUEUED wait until it is resumed. */
  | 'PAUSED'
  /** Rows become final one by one. */
  | 'RUNNING';

export type ConsentInput = {
  readonly consentToContact?: boolean | null | undefined;
  /** The double "ToTo" is the vendor's real name. */
  readonly consentToToShareInfoWithOthers?: boolean | null | undefined;
};

export type ContactPreferenceInput = {
  readonly disableNotifications?: boolean | null | undefined;
  readonly locale?: string | null | undefined;
};

export type CustomerProfileIdInput = {
  readonly id?: string | null | undefined;
  /** Duns or External. */
  readonly profileType?: string | null | undefined;
};

export type CustomerProfileInput = {
  readonly address?: AddressInput | null | undefined;
  /** The whole list. */
  readonly ids?: ReadonlyArray<CustomerProfileIdInput> | null | undefined;
  readonly name?: string | null | undefined;
  readonly size?: string | null | undefined;
  /** The whole list. */
  readonly team?: ReadonlyArray<MemberInput> | null | undefined;
};

export type FailureCode =
  | 'ACCESS_DENIED'
  /** The pinned ETag is no longer current, or somebody else kept writing first. */
  | 'CONFLICT'
  | 'INTERNAL'
  /** The patch is not valid, or the upstream refused it (4xx). */
  | 'INVALID_CHANGE'
  /** Against the status and substatus rules. */
  | 'INVALID_TRANSITION'
  /** The upstream's answer was lost and could not be established afterwards. */
  | 'OUTCOME_UNKNOWN'
  | 'REFERRAL_NOT_FOUND'
  /** Gave up after retries. */
  | 'UPSTREAM_UNAVAILABLE';

export type InviteContextInput = {
  readonly invitedBy?: InvitedByInput | null | undefined;
  readonly notes?: string | null | undefined;
};

export type InvitedByInput = {
  readonly organizationId?: string | null | undefined;
  readonly organizationName?: string | null | undefined;
};

export type MemberInput = {
  readonly contactPreference?: ContactPreferenceInput | null | undefined;
  readonly email?: string | null | undefined;
  readonly firstName?: string | null | undefined;
  readonly lastName?: string | null | undefined;
  readonly phoneNumber?: string | null | undefined;
};

/** The only operations the upstream supports. */
export type PatchOp =
  | 'add'
  | 'replace';

export type PatchOperationInput = {
  readonly op: PatchOp;
  readonly path: string;
  readonly value?: unknown;
};

/** What the caller wants to be true; a field that is absent is left alone, null is sent as null. */
export type ReferralChangesInput = {
  readonly consent?: ConsentInput | null | undefined;
  readonly customerProfile?: CustomerProfileInput | null | undefined;
  readonly details?: ReferralDetailsInput | null | undefined;
  readonly externalReferenceId?: string | null | undefined;
  readonly inviteContext?: InviteContextInput | null | undefined;
  readonly name?: string | null | undefined;
  readonly qualification?: string | null | undefined;
  readonly status?: ReferralStatus | null | undefined;
  readonly statusReason?: string | null | undefined;
  readonly substatus?: ReferralSubstatus | null | undefined;
  readonly team?: TeamChangesInput | null | undefined;
};

export type ReferralDetailsInput = {
  readonly closingDateTime?: string | null | undefined;
  /** ISO 4217. */
  readonly currency?: string | null | undefined;
  readonly dealValue?: number | string | null | undefined;
  readonly notes?: string | null | undefined;
  readonly requirements?: RequirementsInput | null | undefined;
};

export type ReferralStatus =
  | 'Active'
  | 'Closed'
  | 'New'
  | 'None';

export type ReferralSubstatus =
  | 'Accepted'
  | 'Declined'
  | 'Expired'
  | 'Lost'
  | 'None'
  | 'Pending'
  | 'Received'
  | 'Won';

/** Each list is the whole list. */
export type RequirementsInput = {
  readonly industries?: ReadonlyArray<TagInput> | null | undefined;
  readonly products?: ReadonlyArray<TagInput> | null | undefined;
  readonly services?: ReadonlyArray<TagInput> | null | undefined;
  readonly solutions?: ReadonlyArray<SolutionTagInput> | null | undefined;
};

export type SolutionTagInput = {
  readonly id?: string | null | undefined;
  readonly name?: string | null | undefined;
  readonly type?: string | null | undefined;
};

export type TagInput = {
  readonly id?: string | null | undefined;
};

/** Members are matched by e-mail, case-insensitive. */
export type TeamChangesInput = {
  readonly add?: ReadonlyArray<MemberInput> | null | undefined;
  readonly update?: ReadonlyArray<MemberInput> | null | undefined;
};

export type UpdateReferralInput = {
  /** Exactly one of changes and patch. */
  readonly changes?: ReferralChangesInput | null | undefined;
  /** Check and show the patch; nothing is queued, nothing is written upstream. */
  readonly dryRun?: boolean | null | undefined;
  /** 1 to 255 characters. Same key and same input: the same update. */
  readonly idempotencyKey?: string | null | undefined;
  /** Pins an ETag: any other version upstream makes this update fail with CONFLICT. */
  readonly ifMatch?: string | null | undefined;
  /** Raw JSON Patch, same checks. */
  readonly patch?: ReadonlyArray<PatchOperationInput> | null | undefined;
  readonly referralId: string;
  /** How long the mutation waits for the outcome; 0 answers as soon as it is accepted; at most 30000. */
  readonly waitMs?: number | null | undefined;
};

export type UpdateState =
  /** Final: the upstream has it. */
  | 'APPLIED'
  /** Final: taken back before it was sent. */
  | 'CANCELLED'
  /** Final: will not be written; `error` says why. */
  | 'FAILED'
  /** Accepted and durable; waits for its turn. */
  | 'QUEUED'
  /** Being written upstream. */
  | 'SENDING'
  /** Final: the referral already was so; nothing was written. */
  | 'UNCHANGED';

export type AuditEntryFieldsFragment = { readonly id: string, readonly updateId: string, readonly referralId: string, readonly state: UpdateState, readonly submittedBy: string | null, readonly submittedAt: string, readonly finishedAt: string, readonly attempts: number, readonly mergedWith: ReadonlyArray<string>, readonly requestId: string | null, readonly clientRequestId: string | null, readonly ifMatch: string | null, readonly etagBefore: string | null, readonly etag: string | null, readonly isReadable: boolean, readonly patch: ReadonlyArray<{ readonly op: PatchOp, readonly path: string, readonly value: unknown }> | null, readonly error: { readonly code: FailureCode, readonly message: string, readonly path: string | null, readonly upstreamStatus: number | null, readonly upstreamCode: string | null, readonly clientRequestId: string | null } | null };

export type AuditTrailQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  referralId?: string | null | undefined;
}>;


export type AuditTrailQuery = { readonly auditTrail: { readonly totalCount: number | null, readonly nodes: ReadonlyArray<AuditEntryFieldsFragment>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } };

export type CancelBulkUpdateMutationVariables = Exact<{
  id: string;
}>;


export type CancelBulkUpdateMutation = { readonly cancelBulkUpdate:
    | { readonly __typename: 'BulkUpdatePayload', readonly bulkUpdate: BulkUpdateFieldsFragment }
    | (
      { readonly __typename: 'InvalidInputError' }
      & InvalidInputFieldsFragment
    )
    | (
      { readonly __typename: 'NotFoundError' }
      & NotFoundFieldsFragment
    )
    | (
      { readonly __typename: 'ServiceUnavailableError' }
      & ServiceUnavailableFieldsFragment
    )
   };

export type PauseBulkUpdateMutationVariables = Exact<{
  id: string;
}>;


export type PauseBulkUpdateMutation = { readonly pauseBulkUpdate:
    | { readonly __typename: 'BulkUpdatePayload', readonly bulkUpdate: BulkUpdateFieldsFragment }
    | (
      { readonly __typename: 'InvalidInputError' }
      & InvalidInputFieldsFragment
    )
    | (
      { readonly __typename: 'NotFoundError' }
      & NotFoundFieldsFragment
    )
    | (
      { readonly __typename: 'ServiceUnavailableError' }
      & ServiceUnavailableFieldsFragment
    )
   };

export type ResumeBulkUpdateMutationVariables = Exact<{
  id: string;
}>;


export type ResumeBulkUpdateMutation = { readonly resumeBulkUpdate:
    | { readonly __typename: 'BulkUpdatePayload', readonly bulkUpdate: BulkUpdateFieldsFragment }
    | (
      { readonly __typename: 'InvalidInputError' }
      & InvalidInputFieldsFragment
    )
    | (
      { readonly __typename: 'NotFoundError' }
      & NotFoundFieldsFragment
    )
    | (
      { readonly __typename: 'ServiceUnavailableError' }
      & ServiceUnavailableFieldsFragment
    )
   };

export type RetryBulkUpdateMutationVariables = Exact<{
  id: string;
}>;


export type RetryBulkUpdateMutation = { readonly retryBulkUpdate:
    | { readonly __typename: 'BulkUpdatePayload', readonly bulkUpdate: BulkUpdateFieldsFragment }
    | (
      { readonly __typename: 'InvalidInputError' }
      & InvalidInputFieldsFragment
    )
    | (
      { readonly __typename: 'NotFoundError' }
      & NotFoundFieldsFragment
    )
    | (
      { readonly __typename: 'ServiceUnavailableError' }
      & ServiceUnavailableFieldsFragment
    )
   };

export type BulkUpdateFieldsFragment = { readonly id: string, readonly label: string | null, readonly state: BulkUpdateState, readonly dryRun: boolean, readonly skipUnchanged: boolean, readonly upstreamCalls: number, readonly etaSeconds: number | null, readonly pausedReason: string | null, readonly submittedBy: string, readonly submittedAt: string, readonly finishedAt: string | null, readonly counts: { readonly total: number, readonly queued: number, readonly sending: number, readonly applied: number, readonly unchanged: number, readonly failed: number, readonly cancelled: number }, readonly plan: { readonly upstreamCalls: number, readonly minutes: number } | null };

export type BulkUpdateQueryVariables = Exact<{
  id: string;
}>;


export type BulkUpdateQuery = { readonly bulkUpdate: BulkUpdateFieldsFragment | null };

export type BulkUpdatesQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type BulkUpdatesQuery = { readonly bulkUpdates: { readonly totalCount: number | null, readonly nodes: ReadonlyArray<BulkUpdateFieldsFragment>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } };

export type BulkUpdateItemsQueryVariables = Exact<{
  id: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
  state?: UpdateState | null | undefined;
}>;


export type BulkUpdateItemsQuery = { readonly bulkUpdate: { readonly items: { readonly totalCount: number | null, readonly nodes: ReadonlyArray<ReferralUpdateFieldsFragment>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } } | null };

export type BulkUpdateReferralsMutationVariables = Exact<{
  input: BulkUpdateReferralsInput;
}>;


export type BulkUpdateReferralsMutation = { readonly bulkUpdateReferrals:
    | { readonly __typename: 'BulkUpdatePayload', readonly bulkUpdate: BulkUpdateFieldsFragment }
    | (
      { readonly __typename: 'IdempotencyMismatchError' }
      & IdempotencyMismatchFieldsFragment
    )
    | (
      { readonly __typename: 'InvalidInputError' }
      & InvalidInputFieldsFragment
    )
    | (
      { readonly __typename: 'ServiceUnavailableError' }
      & ServiceUnavailableFieldsFragment
    )
   };

export type BulkUpdateChangedSubscriptionVariables = Exact<{
  id: string;
}>;


export type BulkUpdateChangedSubscription = { readonly bulkUpdateChanged: BulkUpdateFieldsFragment };

export type QueueQueryVariables = Exact<{ [key: string]: never; }>;


export type QueueQuery = { readonly queue: { readonly waiting: number, readonly active: number, readonly delayed: number, readonly paused: boolean, readonly pausedReason: string | null, readonly ratePerSecond: number, readonly throttledUntil: string | null, readonly oldestWaitingSeconds: number } };

export type AllowedTransitionsQueryVariables = Exact<{
  status: ReferralStatus;
  substatus?: ReferralSubstatus | null | undefined;
}>;


export type AllowedTransitionsQuery = { readonly allowedTransitions: ReadonlyArray<{ readonly status: ReferralStatus, readonly substatus: ReferralSubstatus }> };

export type ReferralFieldsFragment = { readonly id: string, readonly etag: string, readonly engagementId: string | null, readonly organizationId: string | null, readonly organizationName: string | null, readonly name: string | null, readonly externalReferenceId: string | null, readonly status: ReferralStatus, readonly substatus: ReferralSubstatus, readonly statusReason: string | null, readonly qualification: string | null, readonly type: string | null, readonly direction: string | null, readonly createdDateTime: string | null, readonly updatedDateTime: string | null, readonly expirationDateTime: string | null, readonly acceptedDateTime: string | null, readonly customerProfile: { readonly name: string | null, readonly size: string | null, readonly address: { readonly addressLine1: string | null, readonly addressLine2: string | null, readonly city: string | null, readonly state: string | null, readonly postalCode: string | null, readonly country: string | null, readonly region: string | null } | null, readonly team: ReadonlyArray<MemberFieldsFragment>, readonly ids: ReadonlyArray<{ readonly profileType: string | null, readonly id: string | null }> } | null, readonly consent: { readonly consentToToShareInfoWithOthers: boolean | null, readonly consentToContact: boolean | null } | null, readonly details: { readonly notes: string | null, readonly dealValue: string | null, readonly currency: string | null, readonly closingDateTime: string | null, readonly requirements: { readonly industries: ReadonlyArray<{ readonly id: string | null }>, readonly products: ReadonlyArray<{ readonly id: string | null }>, readonly services: ReadonlyArray<{ readonly id: string | null }>, readonly solutions: ReadonlyArray<{ readonly id: string | null, readonly name: string | null, readonly type: string | null }> } | null } | null, readonly team: ReadonlyArray<MemberFieldsFragment>, readonly inviteContext: { readonly notes: string | null, readonly invitedBy: { readonly organizationId: string | null, readonly organizationName: string | null } | null } | null, readonly target: ReadonlyArray<{ readonly type: string | null, readonly id: string | null }> };

export type MemberFieldsFragment = { readonly firstName: string | null, readonly lastName: string | null, readonly phoneNumber: string | null, readonly email: string | null, readonly contactPreference: { readonly locale: string | null, readonly disableNotifications: boolean | null } | null };

export type ReferralUpdateFieldsFragment = { readonly id: string, readonly referralId: string, readonly externalReferenceId: string | null, readonly state: UpdateState, readonly submittedBy: string, readonly submittedAt: string, readonly finishedAt: string | null, readonly attempts: number, readonly mergedWith: ReadonlyArray<string>, readonly requestId: string | null, readonly clientRequestId: string | null, readonly etag: string | null, readonly rowNumber: number | null, readonly patch: ReadonlyArray<{ readonly op: PatchOp, readonly path: string, readonly value: unknown }>, readonly error: { readonly code: FailureCode, readonly message: string, readonly path: string | null, readonly upstreamStatus: number | null, readonly upstreamCode: string | null, readonly clientRequestId: string | null } | null };

export type ReferralQueryVariables = Exact<{
  id: string;
}>;


export type ReferralQuery = { readonly referral: (
    { readonly raw: unknown, readonly allowedTransitions: ReadonlyArray<{ readonly status: ReferralStatus, readonly substatus: ReferralSubstatus }> }
    & ReferralFieldsFragment
  ) | null };

export type ReferralsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  status?: ReferralStatus | null | undefined;
  filter?: string | null | undefined;
  orderBy?: string | null | undefined;
}>;


export type ReferralsQuery = { readonly referrals: { readonly totalCount: number | null, readonly nodes: ReadonlyArray<ReferralFieldsFragment>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } };

export type ReferralUpdatesQueryVariables = Exact<{
  referralId: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type ReferralUpdatesQuery = { readonly referral: { readonly updates: { readonly totalCount: number | null, readonly nodes: ReadonlyArray<ReferralUpdateFieldsFragment>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } } | null };

export type UpdateReferralMutationVariables = Exact<{
  input: UpdateReferralInput;
}>;


export type UpdateReferralMutation = { readonly updateReferral:
    | (
      { readonly __typename: 'IdempotencyMismatchError' }
      & IdempotencyMismatchFieldsFragment
    )
    | (
      { readonly __typename: 'InvalidInputError' }
      & InvalidInputFieldsFragment
    )
    | (
      { readonly __typename: 'InvalidTransitionError' }
      & InvalidTransitionFieldsFragment
    )
    | (
      { readonly __typename: 'ReferralNotFoundError' }
      & ReferralNotFoundFieldsFragment
    )
    | (
      { readonly __typename: 'ServiceUnavailableError' }
      & ServiceUnavailableFieldsFragment
    )
    | { readonly __typename: 'UpdateReferralPayload', readonly update: ReferralUpdateFieldsFragment | null, readonly patch: ReadonlyArray<{ readonly op: PatchOp, readonly path: string, readonly value: unknown }> }
   };

export type CancelReferralUpdateMutationVariables = Exact<{
  id: string;
}>;


export type CancelReferralUpdateMutation = { readonly cancelReferralUpdate:
    | { readonly __typename: 'CancelReferralUpdatePayload', readonly update: ReferralUpdateFieldsFragment }
    | (
      { readonly __typename: 'InvalidInputError' }
      & InvalidInputFieldsFragment
    )
    | (
      { readonly __typename: 'NotFoundError' }
      & NotFoundFieldsFragment
    )
    | (
      { readonly __typename: 'ServiceUnavailableError' }
      & ServiceUnavailableFieldsFragment
    )
   };

export type ReferralUpdateQueryVariables = Exact<{
  id: string;
}>;


export type ReferralUpdateQuery = { readonly referralUpdate: ReferralUpdateFieldsFragment | null };

export type ReferralUpdateChangedSubscriptionVariables = Exact<{
  id: string;
}>;


export type ReferralUpdateChangedSubscription = { readonly referralUpdateChanged: ReferralUpdateFieldsFragment };

export type InvalidInputFieldsFragment = { readonly message: string, readonly issues: ReadonlyArray<{ readonly code: string, readonly path: string, readonly message: string }> };

export type InvalidTransitionFieldsFragment = { readonly message: string, readonly from: { readonly status: ReferralStatus, readonly substatus: ReferralSubstatus } | null, readonly to: { readonly status: ReferralStatus, readonly substatus: ReferralSubstatus }, readonly allowed: ReadonlyArray<{ readonly status: ReferralStatus, readonly substatus: ReferralSubstatus }> };

export type ReferralNotFoundFieldsFragment = { readonly message: string, readonly referralId: string };

export type NotFoundFieldsFragment = { readonly message: string, readonly id: string };

export type IdempotencyMismatchFieldsFragment = { readonly message: string, readonly idempotencyKey: string };

export type ServiceUnavailableFieldsFragment = { readonly message: string, readonly retryAfterMs: number | null };

export const AuditTrail = defineOperation<AuditTrailQuery, AuditTrailQueryVariables>(`query AuditTrail($first: Int, $after: String, $referralId: ID) {
  auditTrail(first: $first, after: $after, referralId: $referralId) {
    nodes {
      ...AuditEntryFields
    }
    pageInfo {
      hasNextPage
      endCursor
    }
    totalCount
  }
}

fragment AuditEntryFields on AuditEntry {
  id
  updateId
  referralId
  state
  patch {
    op
    path
    value
  }
  error {
    code
    message
    path
    upstreamStatus
    upstreamCode
    clientRequestId
  }
  submittedBy
  submittedAt
  finishedAt
  attempts
  mergedWith
  requestId
  clientRequestId
  ifMatch
  etagBefore
  etag
  isReadable
}`);

export const CancelBulkUpdate = defineOperation<CancelBulkUpdateMutation, CancelBulkUpdateMutationVariables>(`mutation CancelBulkUpdate($id: ID!) {
  cancelBulkUpdate(id: $id) {
    __typename
    ... on BulkUpdatePayload {
      bulkUpdate {
        ...BulkUpdateFields
      }
    }
    ...NotFoundFields
    ...InvalidInputFields
    ...ServiceUnavailableFields
  }
}

fragment BulkUpdateFields on BulkUpdate {
  id
  label
  state
  dryRun
  skipUnchanged
  counts {
    total
    queued
    sending
    applied
    unchanged
    failed
    cancelled
  }
  upstreamCalls
  etaSeconds
  pausedReason
  plan {
    upstreamCalls
    minutes
  }
  submittedBy
  submittedAt
  finishedAt
}

fragment NotFoundFields on NotFoundError {
  message
  id
}

fragment InvalidInputFields on InvalidInputError {
  message
  issues {
    code
    path
    message
  }
}

fragment ServiceUnavailableFields on ServiceUnavailableError {
  message
  retryAfterMs
}`);

export const PauseBulkUpdate = defineOperation<PauseBulkUpdateMutation, PauseBulkUpdateMutationVariables>(`mutation PauseBulkUpdate($id: ID!) {
  pauseBulkUpdate(id: $id) {
    __typename
    ... on BulkUpdatePayload {
      bulkUpdate {
        ...BulkUpdateFields
      }
    }
    ...NotFoundFields
    ...InvalidInputFields
    ...ServiceUnavailableFields
  }
}

fragment BulkUpdateFields on BulkUpdate {
  id
  label
  state
  dryRun
  skipUnchanged
  counts {
    total
    queued
    sending
    applied
    unchanged
    failed
    cancelled
  }
  upstreamCalls
  etaSeconds
  pausedReason
  plan {
    upstreamCalls
    minutes
  }
  submittedBy
  submittedAt
  finishedAt
}

fragment NotFoundFields on NotFoundError {
  message
  id
}

fragment InvalidInputFields on InvalidInputError {
  message
  issues {
    code
    path
    message
  }
}

fragment ServiceUnavailableFields on ServiceUnavailableError {
  message
  retryAfterMs
}`);

export const ResumeBulkUpdate = defineOperation<ResumeBulkUpdateMutation, ResumeBulkUpdateMutationVariables>(`mutation ResumeBulkUpdate($id: ID!) {
  resumeBulkUpdate(id: $id) {
    __typename
    ... on BulkUpdatePayload {
      bulkUpdate {
        ...BulkUpdateFields
      }
    }
    ...NotFoundFields
    ...InvalidInputFields
    ...ServiceUnavailableFields
  }
}

fragment BulkUpdateFields on BulkUpdate {
  id
  label
  state
  dryRun
  skipUnchanged
  counts {
    total
    queued
    sending
    applied
    unchanged
    failed
    cancelled
  }
  upstreamCalls
  etaSeconds
  pausedReason
  plan {
    upstreamCalls
    minutes
  }
  submittedBy
  submittedAt
  finishedAt
}

fragment NotFoundFields on NotFoundError {
  message
  id
}

fragment InvalidInputFields on InvalidInputError {
  message
  issues {
    code
    path
    message
  }
}

fragment ServiceUnavailableFields on ServiceUnavailableError {
  message
  retryAfterMs
}`);

export const RetryBulkUpdate = defineOperation<RetryBulkUpdateMutation, RetryBulkUpdateMutationVariables>(`mutation RetryBulkUpdate($id: ID!) {
  retryBulkUpdate(id: $id) {
    __typename
    ... on BulkUpdatePayload {
      bulkUpdate {
        ...BulkUpdateFields
      }
    }
    ...NotFoundFields
    ...InvalidInputFields
    ...ServiceUnavailableFields
  }
}

fragment BulkUpdateFields on BulkUpdate {
  id
  label
  state
  dryRun
  skipUnchanged
  counts {
    total
    queued
    sending
    applied
    unchanged
    failed
    cancelled
  }
  upstreamCalls
  etaSeconds
  pausedReason
  plan {
    upstreamCalls
    minutes
  }
  submittedBy
  submittedAt
  finishedAt
}

fragment NotFoundFields on NotFoundError {
  message
  id
}

fragment InvalidInputFields on InvalidInputError {
  message
  issues {
    code
    path
    message
  }
}

fragment ServiceUnavailableFields on ServiceUnavailableError {
  message
  retryAfterMs
}`);

export const BulkUpdate = defineOperation<BulkUpdateQuery, BulkUpdateQueryVariables>(`query BulkUpdate($id: ID!) {
  bulkUpdate(id: $id) {
    ...BulkUpdateFields
  }
}

fragment BulkUpdateFields on BulkUpdate {
  id
  label
  state
  dryRun
  skipUnchanged
  counts {
    total
    queued
    sending
    applied
    unchanged
    failed
    cancelled
  }
  upstreamCalls
  etaSeconds
  pausedReason
  plan {
    upstreamCalls
    minutes
  }
  submittedBy
  submittedAt
  finishedAt
}`);

export const BulkUpdates = defineOperation<BulkUpdatesQuery, BulkUpdatesQueryVariables>(`query BulkUpdates($first: Int, $after: String) {
  bulkUpdates(first: $first, after: $after) {
    nodes {
      ...BulkUpdateFields
    }
    pageInfo {
      hasNextPage
      endCursor
    }
    totalCount
  }
}

fragment BulkUpdateFields on BulkUpdate {
  id
  label
  state
  dryRun
  skipUnchanged
  counts {
    total
    queued
    sending
    applied
    unchanged
    failed
    cancelled
  }
  upstreamCalls
  etaSeconds
  pausedReason
  plan {
    upstreamCalls
    minutes
  }
  submittedBy
  submittedAt
  finishedAt
}`);

export const BulkUpdateItems = defineOperation<BulkUpdateItemsQuery, BulkUpdateItemsQueryVariables>(`query BulkUpdateItems($id: ID!, $first: Int, $after: String, $state: UpdateState) {
  bulkUpdate(id: $id) {
    items(first: $first, after: $after, state: $state) {
      nodes {
        ...ReferralUpdateFields
      }
      pageInfo {
        hasNextPage
        endCursor
      }
      totalCount
    }
  }
}

fragment ReferralUpdateFields on ReferralUpdate {
  id
  referralId
  externalReferenceId
  state
  patch {
    op
    path
    value
  }
  error {
    code
    message
    path
    upstreamStatus
    upstreamCode
    clientRequestId
  }
  submittedBy
  submittedAt
  finishedAt
  attempts
  mergedWith
  requestId
  clientRequestId
  etag
  rowNumber
}`);

export const BulkUpdateReferrals = defineOperation<BulkUpdateReferralsMutation, BulkUpdateReferralsMutationVariables>(`mutation BulkUpdateReferrals($input: BulkUpdateReferralsInput!) {
  bulkUpdateReferrals(input: $input) {
    __typename
    ... on BulkUpdatePayload {
      bulkUpdate {
        ...BulkUpdateFields
      }
    }
    ...InvalidInputFields
    ...IdempotencyMismatchFields
    ...ServiceUnavailableFields
  }
}

fragment BulkUpdateFields on BulkUpdate {
  id
  label
  state
  dryRun
  skipUnchanged
  counts {
    total
    queued
    sending
    applied
    unchanged
    failed
    cancelled
  }
  upstreamCalls
  etaSeconds
  pausedReason
  plan {
    upstreamCalls
    minutes
  }
  submittedBy
  submittedAt
  finishedAt
}

fragment InvalidInputFields on InvalidInputError {
  message
  issues {
    code
    path
    message
  }
}

fragment IdempotencyMismatchFields on IdempotencyMismatchError {
  message
  idempotencyKey
}

fragment ServiceUnavailableFields on ServiceUnavailableError {
  message
  retryAfterMs
}`);

export const BulkUpdateChanged = defineOperation<BulkUpdateChangedSubscription, BulkUpdateChangedSubscriptionVariables>(`subscription BulkUpdateChanged($id: ID!) {
  bulkUpdateChanged(id: $id) {
    ...BulkUpdateFields
  }
}

fragment BulkUpdateFields on BulkUpdate {
  id
  label
  state
  dryRun
  skipUnchanged
  counts {
    total
    queued
    sending
    applied
    unchanged
    failed
    cancelled
  }
  upstreamCalls
  etaSeconds
  pausedReason
  plan {
    upstreamCalls
    minutes
  }
  submittedBy
  submittedAt
  finishedAt
}`);

export const Queue = defineOperation<QueueQuery, QueueQueryVariables>(`query Queue {
  queue {
    waiting
    active
    delayed
    paused
    pausedReason
    ratePerSecond
    throttledUntil
    oldestWaitingSeconds
  }
}`);

export const AllowedTransitions = defineOperation<AllowedTransitionsQuery, AllowedTransitionsQueryVariables>(`query AllowedTransitions($status: ReferralStatus!, $substatus: ReferralSubstatus) {
  allowedTransitions(status: $status, substatus: $substatus) {
    status
    substatus
  }
}`);

export const Referral = defineOperation<ReferralQuery, ReferralQueryVariables>(`query Referral($id: ID!) {
  referral(id: $id) {
    ...ReferralFields
    allowedTransitions {
      status
      substatus
    }
    raw
  }
}

fragment ReferralFields on Referral {
  id
  etag
  engagementId
  organizationId
  organizationName
  name
  externalReferenceId
  status
  substatus
  statusReason
  qualification
  type
  direction
  customerProfile {
    name
    size
    address {
      addressLine1
      addressLine2
      city
      state
      postalCode
      country
      region
    }
    team {
      ...MemberFields
    }
    ids {
      profileType
      id
    }
  }
  consent {
    consentToToShareInfoWithOthers
    consentToContact
  }
  details {
    notes
    dealValue
    currency
    closingDateTime
    requirements {
      industries {
        id
      }
      products {
        id
      }
      services {
        id
      }
      solutions {
        id
        name
        type
      }
    }
  }
  team {
    ...MemberFields
  }
  inviteContext {
    notes
    invitedBy {
      organizationId
      organizationName
    }
  }
  target {
    type
    id
  }
  createdDateTime
  updatedDateTime
  expirationDateTime
  acceptedDateTime
}

fragment MemberFields on Member {
  firstName
  lastName
  phoneNumber
  email
  contactPreference {
    locale
    disableNotifications
  }
}`);

export const Referrals = defineOperation<ReferralsQuery, ReferralsQueryVariables>(`query Referrals($first: Int, $after: String, $status: ReferralStatus, $filter: String, $orderBy: String) {
  referrals(
    first: $first
    after: $after
    status: $status
    filter: $filter
    orderBy: $orderBy
  ) {
    nodes {
      ...ReferralFields
    }
    pageInfo {
      hasNextPage
      endCursor
    }
    totalCount
  }
}

fragment ReferralFields on Referral {
  id
  etag
  engagementId
  organizationId
  organizationName
  name
  externalReferenceId
  status
  substatus
  statusReason
  qualification
  type
  direction
  customerProfile {
    name
    size
    address {
      addressLine1
      addressLine2
      city
      state
      postalCode
      country
      region
    }
    team {
      ...MemberFields
    }
    ids {
      profileType
      id
    }
  }
  consent {
    consentToToShareInfoWithOthers
    consentToContact
  }
  details {
    notes
    dealValue
    currency
    closingDateTime
    requirements {
      industries {
        id
      }
      products {
        id
      }
      services {
        id
      }
      solutions {
        id
        name
        type
      }
    }
  }
  team {
    ...MemberFields
  }
  inviteContext {
    notes
    invitedBy {
      organizationId
      organizationName
    }
  }
  target {
    type
    id
  }
  createdDateTime
  updatedDateTime
  expirationDateTime
  acceptedDateTime
}

fragment MemberFields on Member {
  firstName
  lastName
  phoneNumber
  email
  contactPreference {
    locale
    disableNotifications
  }
}`);

export const ReferralUpdates = defineOperation<ReferralUpdatesQuery, ReferralUpdatesQueryVariables>(`query ReferralUpdates($referralId: ID!, $first: Int, $after: String) {
  referral(id: $referralId) {
    updates(first: $first, after: $after) {
      nodes {
        ...ReferralUpdateFields
      }
      pageInfo {
        hasNextPage
        endCursor
      }
      totalCount
    }
  }
}

fragment ReferralUpdateFields on ReferralUpdate {
  id
  referralId
  externalReferenceId
  state
  patch {
    op
    path
    value
  }
  error {
    code
    message
    path
    upstreamStatus
    upstreamCode
    clientRequestId
  }
  submittedBy
  submittedAt
  finishedAt
  attempts
  mergedWith
  requestId
  clientRequestId
  etag
  rowNumber
}`);

export const UpdateReferral = defineOperation<UpdateReferralMutation, UpdateReferralMutationVariables>(`mutation UpdateReferral($input: UpdateReferralInput!) {
  updateReferral(input: $input) {
    __typename
    ... on UpdateReferralPayload {
      update {
        ...ReferralUpdateFields
      }
      patch {
        op
        path
        value
      }
    }
    ...InvalidInputFields
    ...InvalidTransitionFields
    ...ReferralNotFoundFields
    ...IdempotencyMismatchFields
    ...ServiceUnavailableFields
  }
}

fragment ReferralUpdateFields on ReferralUpdate {
  id
  referralId
  externalReferenceId
  state
  patch {
    op
    path
    value
  }
  error {
    code
    message
    path
    upstreamStatus
    upstreamCode
    clientRequestId
  }
  submittedBy
  submittedAt
  finishedAt
  attempts
  mergedWith
  requestId
  clientRequestId
  etag
  rowNumber
}

fragment InvalidInputFields on InvalidInputError {
  message
  issues {
    code
    path
    message
  }
}

fragment InvalidTransitionFields on InvalidTransitionError {
  message
  from {
    status
    substatus
  }
  to {
    status
    substatus
  }
  allowed {
    status
    substatus
  }
}

fragment ReferralNotFoundFields on ReferralNotFoundError {
  message
  referralId
}

fragment IdempotencyMismatchFields on IdempotencyMismatchError {
  message
  idempotencyKey
}

fragment ServiceUnavailableFields on ServiceUnavailableError {
  message
  retryAfterMs
}`);

export const CancelReferralUpdate = defineOperation<CancelReferralUpdateMutation, CancelReferralUpdateMutationVariables>(`mutation CancelReferralUpdate($id: ID!) {
  cancelReferralUpdate(id: $id) {
    __typename
    ... on CancelReferralUpdatePayload {
      update {
        ...ReferralUpdateFields
      }
    }
    ...InvalidInputFields
    ...NotFoundFields
    ...ServiceUnavailableFields
  }
}

fragment ReferralUpdateFields on ReferralUpdate {
  id
  referralId
  externalReferenceId
  state
  patch {
    op
    path
    value
  }
  error {
    code
    message
    path
    upstreamStatus
    upstreamCode
    clientRequestId
  }
  submittedBy
  submittedAt
  finishedAt
  attempts
  mergedWith
  requestId
  clientRequestId
  etag
  rowNumber
}

fragment InvalidInputFields on InvalidInputError {
  message
  issues {
    code
    path
    message
  }
}

fragment NotFoundFields on NotFoundError {
  message
  id
}

fragment ServiceUnavailableFields on ServiceUnavailableError {
  message
  retryAfterMs
}`);

export const ReferralUpdate = defineOperation<ReferralUpdateQuery, ReferralUpdateQueryVariables>(`query ReferralUpdate($id: ID!) {
  referralUpdate(id: $id) {
    ...ReferralUpdateFields
  }
}

fragment ReferralUpdateFields on ReferralUpdate {
  id
  referralId
  externalReferenceId
  state
  patch {
    op
    path
    value
  }
  error {
    code
    message
    path
    upstreamStatus
    upstreamCode
    clientRequestId
  }
  submittedBy
  submittedAt
  finishedAt
  attempts
  mergedWith
  requestId
  clientRequestId
  etag
  rowNumber
}`);

export const ReferralUpdateChanged = defineOperation<ReferralUpdateChangedSubscription, ReferralUpdateChangedSubscriptionVariables>(`subscription ReferralUpdateChanged($id: ID!) {
  referralUpdateChanged(id: $id) {
    ...ReferralUpdateFields
  }
}

fragment ReferralUpdateFields on ReferralUpdate {
  id
  referralId
  externalReferenceId
  state
  patch {
    op
    path
    value
  }
  error {
    code
    message
    path
    upstreamStatus
    upstreamCode
    clientRequestId
  }
  submittedBy
  submittedAt
  finishedAt
  attempts
  mergedWith
  requestId
  clientRequestId
  etag
  rowNumber
}`);