import { denialOf, GatewayGraphqlError, GatewayHttpError, type GraphqlProblem } from "./errors.ts";
import { httpErrorOf, retryAfterMsOf } from "./http-error.ts";
import type { Operation } from "./operation.ts";
import { type Transport, unreachable } from "./transport.ts";

/**
 * One query or mutation. Throws {@link GatewayGraphqlError} when the answer has errors, {@link GatewayHttpError} when it is none
 * of GraphQL, GatewayUnreachableError when there is none.
 */
export async function execute<Data, Variables>(
  transport: Transport,
  url: string,
  operation: Operation<Data, Variables>,
  variables: Variables,
  signal?: AbortSignal,
): Promise<Data> {
  const response = await transport({
    url,
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/graphql-response+json, application/json;q=0.9",
    },
    body: JSON.stringify({ query: operation.text, variables }),
    signal,
  });
  if (!isJson(response)) {
    throw await httpErrorOf(response, url);
  }
  const text = await response.text().catch((error: unknown) => {
    signal?.throwIfAborted();
    throw unreachable(url, error);
  });
  return dataOf<Data>(text, url, response.status, retryAfterMsOf(response));
}

function isJson(response: Response): boolean {
  return /^application\/(graphql-response\+)?json\b/.test(
    response.headers.get("content-type") ?? "",
  );
}

/** The data of a GraphQL answer. */
export function dataOf<Data>(
  text: string,
  url: string,
  status: number,
  retryAfterMs?: number,
): Data {
  const body = parsed(text);
  if (Array.isArray(body?.errors) && body.errors.length > 0) {
    const failure = new GatewayGraphqlError(body.errors.map(problemOf));
    const asked = { url, retryAfterMs: retryAfterMs ?? failure.problems[0]?.retryAfterMs };
    throw denialOf(failure.code, status, failure.message, asked) ?? failure;
  }
  if (body?.data === undefined || body.data === null) {
    const said = body?.error?.message;
    const message = typeof said === "string" ? said : `${url} did not answer as a gateway does`;
    const code = typeof body?.error?.code === "string" ? body.error.code : undefined;
    const asked = { url, retryAfterMs };
    throw (
      denialOf(code, status, message, asked) ??
      new GatewayHttpError(message, { ...asked, status, code })
    );
  }
  return body.data as Data;
}

interface AnswerBody {
  readonly data?: unknown;
  readonly errors?: readonly unknown[];
  readonly error?: { readonly code?: unknown; readonly message?: unknown };
}

function parsed(text: string): AnswerBody | undefined {
  try {
    return (JSON.parse(text) ?? undefined) as AnswerBody | undefined;
  } catch {
    return undefined;
  }
}

function problemOf(error: unknown): GraphqlProblem {
  const { message, path, extensions } = (error ?? {}) as {
    message?: unknown;
    path?: unknown;
    extensions?: { code?: unknown; retryAfterMs?: unknown };
  };
  return {
    message: typeof message === "string" ? message : "the gateway answered with an error",
    path: Array.isArray(path) ? path : undefined,
    code: typeof extensions?.code === "string" ? extensions.code : undefined,
    retryAfterMs:
      typeof extensions?.retryAfterMs === "number" ? extensions.retryAfterMs : undefined,
  };
}
