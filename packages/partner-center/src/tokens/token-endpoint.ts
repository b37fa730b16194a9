import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from "@azure/msal-node";
import { request } from "undici";
import { parseJson } from "../parse-json.ts";
import { collectBody } from "../read-body.ts";
import { retryAfter } from "../retry-after.ts";

/** Whole exchange with the token endpoint, in milliseconds. */
const TOKEN_TIMEOUT_MS = 15_000;
/** Tokens are a few KiB. */
const MAX_TOKEN_RESPONSE_BYTES = 1024 * 1024;

/** What the token endpoint answered, apart from what the MSAL library makes of it. */
export interface TokenEndpointAnswer {
  status: number;
  body: Record<string, unknown>;
  retryAfterMs: number | undefined;
}

/** MSAL's network port, and what went through it last. */
export interface TokenEndpointNetwork extends INetworkModule {
  readonly wasAsked: boolean;
  readonly lastAnswer: TokenEndpointAnswer | undefined;
}

/**
 * MSAL's network port over undici. Three reasons not to use MSAL's own: it has no time limit on a POST and no
 * size limit, it insists on https even for a loopback test server, and MSAL hides the rotated refresh token.
 *
 * @param origin Where requests really go; MSAL is shown the same host under https.
 */
export function tokenEndpointNetwork(origin: string, now: () => number): TokenEndpointNetwork {
  let wasAsked = false;
  let lastAnswer: TokenEndpointAnswer | undefined;

  async function exchange<T>(
    method: "GET" | "POST",
    url: string,
    { headers, body }: NetworkRequestOptions = {},
    timeoutMs = TOKEN_TIMEOUT_MS,
  ): Promise<NetworkResponse<T>> {
    wasAsked = true;
    const { pathname, search } = new URL(url);
    const response = await request(origin + pathname + search, {
      method,
      headers,
      body: method === "POST" ? body : undefined,
      signal: AbortSignal.timeout(Math.min(timeoutMs, TOKEN_TIMEOUT_MS)),
    });
    const collected = collectBody(MAX_TOKEN_RESPONSE_BYTES);
    for await (const chunk of response.body) {
      if (!collected.push(chunk)) break;
    }
    const answer = asRecord(parseJson(collected.text()));
    lastAnswer = {
      status: response.statusCode,
      body: answer,
      retryAfterMs: retryAfter(response.headers, now()),
    };
    const flatHeaders = Object.entries(response.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)] as const],
    );
    return {
      status: response.statusCode,
      headers: Object.fromEntries(flatHeaders),
      body: answer as T,
    };
  }

  return {
    get wasAsked() {
      return wasAsked;
    },
    get lastAnswer() {
      return lastAnswer;
    },
    sendGetRequestAsync: (url, options, timeoutMs) => exchange("GET", url, options, timeoutMs),
    sendPostRequestAsync: (url, options) => exchange("POST", url, options),
  };
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
