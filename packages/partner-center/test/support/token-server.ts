import { json, startUpstream } from "./upstream.ts";

/** What the token endpoint shall answer. */
export interface TokenAnswer {
  status?: number;
  body: Record<string, unknown> | string;
  headers?: Record<string, string>;
}

/** A token endpoint of one's own; closed after the test. */
export async function startTokenServer(
  answer: (form: URLSearchParams, attempt: number) => TokenAnswer | Promise<TokenAnswer>,
) {
  const forms: URLSearchParams[] = [];
  const upstream = await startUpstream(async (request, response) => {
    const form = new URLSearchParams(request.body);
    forms.push(form);
    const { status = 200, body, headers } = await answer(form, forms.length);
    json(response, status, body, headers);
  });
  return { authority: upstream.origin, requests: upstream.requests, forms };
}

/** A usual answer: the n-th access token, and a rotated refresh token. */
export function issued(attempt: number, extra: Record<string, unknown> = {}): TokenAnswer {
  return {
    body: {
      token_type: "Bearer",
      scope: "https://api.partner.microsoft.com/user_impersonation",
      expires_in: 3600,
      access_token: `access-${attempt}`,
      refresh_token: `refresh-${attempt}`,
      ...extra,
    },
  };
}
