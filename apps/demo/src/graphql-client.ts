/** One answer of the gateway. */
export interface GraphqlAnswer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly { readonly message: string }[];
}

export type AskGateway = (
  query: string,
  variables?: Readonly<Record<string, unknown>>,
) => Promise<GraphqlAnswer>;

/** Asks the gateway over HTTP, as any app would. */
export function gatewayAt(url: string): AskGateway {
  return async (query, variables = {}) => {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as GraphqlAnswer;
  };
}

export const UPDATE_REFERRAL = `
  mutation UpdateReferral($input: UpdateReferralInput!) {
    updateReferral(input: $input) {
      __typename
      ... on UpdateReferralPayload {
        update { id state attempts etag error { code message } }
        patch { op path }
      }
      ... on UserError { message }
      ... on InvalidTransitionError { from { status substatus } allowed { status substatus } }
    }
  }`;

export const UPDATE_AND_SHOW_TEAM = `
  mutation AddMember($input: UpdateReferralInput!) {
    updateReferral(input: $input) {
      __typename
      ... on UpdateReferralPayload { update { id state } referral { team { firstName lastName email } } }
      ... on UserError { message }
    }
  }`;

/** What `updateReferral` answers, as far as the demo looks at it. */
export interface UpdateResult {
  readonly __typename: string;
  readonly message?: string;
  readonly update?: {
    readonly id: string;
    readonly state: string;
    readonly error?: { readonly code: string; readonly message: string } | null;
  };
  readonly patch?: readonly { readonly op: string; readonly path: string }[];
  readonly referral?: { readonly team: readonly { readonly email: string | null }[] };
  readonly allowed?: readonly { readonly status: string; readonly substatus: string }[];
}

export function updateResult(answer: GraphqlAnswer): UpdateResult | undefined {
  return answer.data?.updateReferral as UpdateResult | undefined;
}
