/**
 * What callers rely on, as promised to them: every field with its type and nullability, arguments with theirs
 * and their defaults. Adding to it is free; taking away or changing breaks somebody.
 */
export const CONTRACT = `
  scalar DateTime
  scalar Decimal
  scalar JSON

  enum ReferralStatus { None New Active Closed }
  enum ReferralSubstatus { None Pending Received Accepted Won Lost Declined Expired }
  enum PatchOp { add replace }
  enum UpdateState { QUEUED SENDING APPLIED UNCHANGED FAILED CANCELLED }
  enum FailureCode {
    INVALID_CHANGE INVALID_TRANSITION CONFLICT REFERRAL_NOT_FOUND ACCESS_DENIED
    UPSTREAM_UNAVAILABLE OUTCOME_UNKNOWN INTERNAL
  }

  type ReferralState { status: ReferralStatus! substatus: ReferralSubstatus! }

  type Referral {
    id: ID! etag: String! engagementId: ID organizationId: ID organizationName: String
    name: String externalReferenceId: String
    status: ReferralStatus! substatus: ReferralSubstatus! statusReason: String
    qualification: String type: String direction: String
    customerProfile: CustomerProfile consent: Consent details: ReferralDetails
    team: [Member!]! inviteContext: InviteContext target: [ReferralTarget!]!
    createdDateTime: DateTime updatedDateTime: DateTime
    expirationDateTime: DateTime acceptedDateTime: DateTime
    raw: JSON! allowedTransitions: [ReferralState!]!
    updates(first: Int = 20, after: String): ReferralUpdateConnection!
  }
  type ReferralConnection {
    edges: [ReferralEdge!]! nodes: [Referral!]! pageInfo: PageInfo! totalCount: Int
  }
  type ReferralEdge { cursor: String! node: Referral! }
  type CustomerProfile {
    name: String size: String address: Address team: [Member!]! ids: [CustomerProfileId!]!
  }
  type Address {
    addressLine1: String addressLine2: String city: String state: String
    postalCode: String country: String region: String
  }
  type CustomerProfileId { profileType: String id: String }
  type Consent { consentToToShareInfoWithOthers: Boolean consentToContact: Boolean }
  type ReferralDetails {
    notes: String dealValue: Decimal currency: String closingDateTime: DateTime requirements: Requirements
  }
  type Requirements {
    industries: [Tag!]! products: [Tag!]! services: [Tag!]! solutions: [SolutionTag!]!
  }
  type Tag { id: String }
  type SolutionTag { id: String name: String type: String }
  type Member {
    firstName: String lastName: String phoneNumber: String email: String
    contactPreference: ContactPreference
  }
  type ContactPreference { locale: String disableNotifications: Boolean }
  type InviteContext { notes: String invitedBy: InvitedBy }
  type InvitedBy { organizationId: String organizationName: String }
  type ReferralTarget { type: String id: String }

  input ReferralChangesInput {
    name: String externalReferenceId: String
    status: ReferralStatus substatus: ReferralSubstatus statusReason: String qualification: String
    customerProfile: CustomerProfileInput consent: ConsentInput details: ReferralDetailsInput
    inviteContext: InviteContextInput team: TeamChangesInput
  }
  input CustomerProfileInput {
    name: String size: String address: AddressInput team: [MemberInput!] ids: [CustomerProfileIdInput!]
  }
  input AddressInput {
    addressLine1: String addressLine2: String city: String state: String
    postalCode: String country: String region: String
  }
  input CustomerProfileIdInput { profileType: String id: String }
  input ConsentInput { consentToToShareInfoWithOthers: Boolean consentToContact: Boolean }
  input ReferralDetailsInput {
    notes: String dealValue: Decimal currency: String closingDateTime: DateTime
    requirements: RequirementsInput
  }
  input RequirementsInput {
    industries: [TagInput!] products: [TagInput!] services: [TagInput!] solutions: [SolutionTagInput!]
  }
  input TagInput { id: String }
  input SolutionTagInput { id: String name: String type: String }
  input InviteContextInput { notes: String invitedBy: InvitedByInput }
  input InvitedByInput { organizationId: String organizationName: String }
  input TeamChangesInput { add: [MemberInput!] update: [MemberInput!] }
  input MemberInput {
    firstName: String lastName: String phoneNumber: String email: String
    contactPreference: ContactPreferenceInput
  }
  input ContactPreferenceInput { locale: String disableNotifications: Boolean }
  input PatchOperationInput { op: PatchOp! path: String! value: JSON }
  input UpdateReferralInput {
    referralId: ID! changes: ReferralChangesInput patch: [PatchOperationInput!]
    ifMatch: String idempotencyKey: String waitMs: Int = 10000 dryRun: Boolean = false
  }

  type PatchOperation { op: PatchOp! path: String! value: JSON }
  type UpdateFailure {
    code: FailureCode! message: String! path: String
    upstreamStatus: Int upstreamCode: String clientRequestId: String
  }
  type ReferralUpdate {
    id: ID! referralId: ID! state: UpdateState! patch: [PatchOperation!]! error: UpdateFailure
    submittedBy: String! submittedAt: DateTime! finishedAt: DateTime attempts: Int! mergedWith: [ID!]!
    clientRequestId: String etag: String bulkUpdate: BulkUpdate rowNumber: Int referral: Referral
  }
  type ReferralUpdateConnection {
    edges: [ReferralUpdateEdge!]! nodes: [ReferralUpdate!]! pageInfo: PageInfo! totalCount: Int
  }
  type ReferralUpdateEdge { cursor: String! node: ReferralUpdate! }
  type PageInfo {
    hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String
  }

  interface UserError { message: String! }
  type InvalidInputError implements UserError { message: String! issues: [InputIssue!]! }
  type InputIssue { code: String! path: String! message: String! }
  type InvalidTransitionError implements UserError {
    message: String! from: ReferralState to: ReferralState! allowed: [ReferralState!]!
  }
  type ReferralNotFoundError implements UserError { message: String! referralId: ID! }
  type IdempotencyMismatchError implements UserError { message: String! idempotencyKey: String! }
  type ServiceUnavailableError implements UserError { message: String! retryAfterMs: Int }
  type NotFoundError implements UserError { message: String! id: ID! }

  type UpdateReferralPayload { update: ReferralUpdate patch: [PatchOperation!]! referral: Referral }
  union UpdateReferralResult =
    | UpdateReferralPayload | InvalidInputError | InvalidTransitionError
    | ReferralNotFoundError | IdempotencyMismatchError | ServiceUnavailableError
  type CancelReferralUpdatePayload { update: ReferralUpdate! }
  union CancelReferralUpdateResult = CancelReferralUpdatePayload | NotFoundError | InvalidInputError

  enum BulkUpdateState { INGESTING RUNNING PAUSED COMPLETED COMPLETED_WITH_ERRORS CANCELLED }
  type BulkUpdateCounts {
    total: Int! queued: Int! sending: Int! applied: Int! unchanged: Int! failed: Int! cancelled: Int!
  }
  type BulkUpdate {
    id: ID! label: String state: BulkUpdateState! dryRun: Boolean! counts: BulkUpdateCounts!
    upstreamCalls: Int! etaSeconds: Int pausedReason: String
    submittedBy: String! submittedAt: DateTime! finishedAt: DateTime
    items(first: Int = 100, after: String, state: UpdateState): ReferralUpdateConnection!
  }
  type BulkUpdateConnection {
    edges: [BulkUpdateEdge!]! nodes: [BulkUpdate!]! pageInfo: PageInfo! totalCount: Int
  }
  type BulkUpdateEdge { cursor: String! node: BulkUpdate! }
  input BulkItemInput {
    referralId: ID externalReferenceId: String changes: ReferralChangesInput
    patch: [PatchOperationInput!] ifMatch: String
  }
  input BulkUpdateReferralsInput {
    items: [BulkItemInput!] label: String idempotencyKey: String
    dryRun: Boolean = false skipUnchanged: Boolean = true
  }
  type BulkUpdatePayload { bulkUpdate: BulkUpdate! }
  union BulkUpdateReferralsResult =
    | BulkUpdatePayload | InvalidInputError | IdempotencyMismatchError | ServiceUnavailableError
  union BulkUpdateActionResult =
    | BulkUpdatePayload | NotFoundError | InvalidInputError | ServiceUnavailableError

  type QueueStatus {
    waiting: Int! active: Int! delayed: Int! paused: Boolean! ratePerSecond: Float!
    throttledUntil: DateTime oldestWaitingSeconds: Float!
  }

  type Query {
    referral(id: ID!): Referral
    referrals(
      first: Int = 50, after: String, status: ReferralStatus, filter: String, orderBy: String
    ): ReferralConnection!
    referralUpdate(id: ID!): ReferralUpdate
    bulkUpdate(id: ID!): BulkUpdate
    bulkUpdates(first: Int = 20, after: String): BulkUpdateConnection!
    allowedTransitions(status: ReferralStatus!, substatus: ReferralSubstatus): [ReferralState!]!
    queue: QueueStatus!
  }
  type Mutation {
    updateReferral(input: UpdateReferralInput!): UpdateReferralResult!
    cancelReferralUpdate(id: ID!): CancelReferralUpdateResult!
    bulkUpdateReferrals(input: BulkUpdateReferralsInput!): BulkUpdateReferralsResult!
    cancelBulkUpdate(id: ID!): BulkUpdateActionResult!
    pauseBulkUpdate(id: ID!): BulkUpdateActionResult!
    resumeBulkUpdate(id: ID!): BulkUpdateActionResult!
    retryBulkUpdate(id: ID!): BulkUpdateActionResult!
  }
  type Subscription {
    referralUpdateChanged(id: ID!): ReferralUpdate!
    bulkUpdateChanged(id: ID!): BulkUpdate!
  }
`;
