/** What every error of this client is. None holds a token, a request body, or a header. */
export class GatewayError extends Error {
  override readonly name: string = "GatewayError";
}

/**
 * Thrown when no answer came: nothing listens there, the name is unknown, the connection was cut, or the answer took too long.
 * Whether a mutation took effect is unknown then; send it again with the same idempotency key.
 */
export class GatewayUnreachableError extends GatewayError {
  override readonly name = "GatewayUnreachableError";
  readonly url: string;
  /** The system's code, such as ECONNREFUSED; ETIMEDOUT when the answer took too long. */
  readonly code: string | undefined;

  constructor(message: string, url: string, code: string | undefined, cause?: unknown) {
    super(message, { cause });
    this.url = url;
    this.code = code;
  }
}

/** Thrown when the answer is a failure of HTTP, or is not what a gateway answers. */
export class GatewayHttpError extends GatewayError {
  override readonly name = "GatewayHttpError";
  readonly url: string;
  readonly status: number;
  /** From the body's `error.code`, if there is one. */
  readonly code: string | undefined;
  readonly retryAfterMs: number | undefined;
  /** Where in what was sent the trouble is, from the body's `error`. */
  readonly place: Readonly<Record<string, number>> | undefined;

  constructor(
    message: string,
    at: {
      url: string;
      status: number;
      code?: string | undefined;
      retryAfterMs?: number | undefined;
      place?: Readonly<Record<string, number>> | undefined;
    },
  ) {
    super(message);
    this.url = at.url;
    this.status = at.status;
    this.code = at.code;
    this.retryAfterMs = at.retryAfterMs;
    this.place = at.place;
  }
}

/** One entry of `errors` in a GraphQL answer. */
export interface GraphqlProblem {
  readonly message: string;
  /** From `extensions.code`, such as SERVICE_UNAVAILABLE or BAD_USER_INPUT. */
  readonly code: string | undefined;
  readonly path: readonly (string | number)[] | undefined;
  readonly retryAfterMs: number | undefined;
}

/** Thrown when the gateway answered with GraphQL errors; partial data is not handed out. */
export class GatewayGraphqlError extends GatewayError {
  override readonly name = "GatewayGraphqlError";
  readonly problems: readonly GraphqlProblem[];

  constructor(problems: readonly GraphqlProblem[]) {
    super(problems.map(({ message }) => message).join("; "));
    this.problems = problems;
  }

  /** Code of the first problem. */
  get code(): string | undefined {
    return this.problems[0]?.code;
  }
}

/** Whether the same call may well succeed a little later, without anybody changing anything. */
export function isPassing(error: unknown): boolean {
  if (error instanceof GatewayHttpError) {
    return error.status >= 500 || error.status === 429 || error.status === 408;
  }
  return (
    error instanceof GatewayUnreachableError ||
    (error instanceof GatewayGraphqlError && error.code === "SERVICE_UNAVAILABLE")
  );
}
