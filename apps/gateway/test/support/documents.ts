/** The mutation with everything the tests look at. */
export const UPDATE = `
  mutation Update($input: UpdateReferralInput!) {
    updateReferral(input: $input) {
      __typename
      ... on UserError { message }
      ... on UpdateReferralPayload {
        update {
          id state attempts etag submittedBy submittedAt finishedAt clientRequestId referralId
          patch { op path value }
          error { code message upstreamStatus upstreamCode path }
        }
        patch { op path value }
      }
      ... on InvalidInputError { issues { code path message } }
      ... on InvalidTransitionError {
        from { status substatus } to { status substatus } allowed { status substatus }
      }
      ... on ReferralNotFoundError { referralId }
      ... on IdempotencyMismatchError { idempotencyKey }
      ... on ServiceUnavailableError { retryAfterMs }
    }
  }
`;

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value: unknown;
}

interface State {
  readonly status: string;
  readonly substatus: string;
}

/** An update as {@link UPDATE} asks for it. */
export interface SeenUpdate {
  readonly id: string;
  readonly state: string;
  readonly attempts: number;
  readonly etag: string | null;
  readonly submittedAt: string;
  readonly finishedAt: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** Every member of the result union in one: a test knows which it expects, and `__typename` says which it is. */
export interface UpdateResult {
  readonly __typename: string;
  readonly message: string;
  readonly update: SeenUpdate;
  readonly patch: readonly Operation[];
  readonly issues: readonly {
    readonly code: string;
    readonly path: string;
    readonly message: string;
  }[];
  readonly from: State | null;
  readonly to: State;
  readonly allowed: readonly State[];
}

/** The data of {@link UPDATE}. */
export interface UpdateData {
  readonly updateReferral: UpdateResult;
}

/** The updates of a referral, a page of them. */
export const UPDATES = `
  query Updates($id: ID!, $first: Int, $after: String) {
    referral(id: $id) {
      updates(first: $first, after: $after) {
        edges { cursor node { id } }
        nodes { id state referralId }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        totalCount
      }
    }
  }
`;

/** The data of {@link UPDATES}. */
export interface UpdatesData {
  readonly referral: {
    readonly updates: {
      readonly edges: readonly {
        readonly cursor: string;
        readonly node: { readonly id: string };
      }[];
      readonly nodes: readonly { readonly id: string; readonly referralId: string }[];
      readonly pageInfo: {
        readonly hasNextPage: boolean;
        readonly hasPreviousPage: boolean;
        readonly startCursor: string | null;
        readonly endCursor: string | null;
      };
      readonly totalCount: number;
    };
  };
}

/** One update by its id. */
export const UPDATE_BY_ID = `
  query Look($id: ID!) {
    referralUpdate(id: $id) { id state error { code message } patch { op path value } }
  }
`;

/** The data of {@link UPDATE_BY_ID}. */
export interface UpdateByIdData {
  readonly referralUpdate: SeenUpdate | null;
}
