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

/** Thrown when the answer is a failure of HTTP that has no class of its own, or is not what a gateway answers. */
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

/** What the gateway says about a request it refuses for who sent it. */
interface Denial {
  readonly url: string;
  readonly retryAfterMs?: number | undefined;
}

/**
 * Thrown when the gateway does not know who is calling (401, UNAUTHENTICATED): no token, or one that is expired, for somebody
 * else, or not valid. Nothing was done. A token source was asked for another token before.
 */
export class GatewayUnauthenticatedError extends GatewayError {
  override readonly name = "GatewayUnauthenticatedError";
  readonly code = "UNAUTHENTICATED";
  readonly url: string;

  constructor(message: string, { url }: Denial) {
    super(message);
    this.url = url;
  }
}

/**
 * Thrown when the caller may not do that (403, FORBIDDEN): its role does not allow it, or Partner Center denies access to the
 * referral. Nothing was done; another token may help, the same call will not.
 */
export class GatewayForbiddenError extends GatewayError {
  override readonly name = "GatewayForbiddenError";
  readonly code = "FORBIDDEN";
  readonly url: string;

  constructor(message: string, { url }: Denial) {
    super(message);
    this.url = url;
  }
}

/** Thrown when the caller sent too much (429, RATE_LIMITED). Nothing was done; the same call will do after `retryAfterMs`. */
export class GatewayRateLimitedError extends GatewayError {
  override readonly name = "GatewayRateLimitedError";
  readonly code = "RATE_LIMITED";
  readonly url: string;
  /** ms until the next try may do; undefined when the gateway does not say. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, { url, retryAfterMs }: Denial) {
    super(message);
    this.url = url;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The class of its own a failure has, by its code, or by its status when somebody in front of the gateway answered. */
export function denialOf(
  code: string | undefined,
  status: number,
  message: string,
  denial: Denial,
): GatewayError | undefined {
  if (code === "UNAUTHENTICATED" || status === 401) {
    return new GatewayUnauthenticatedError(message, denial);
  }
  if (code === "FORBIDDEN" || status === 403) {
    return new GatewayForbiddenError(message, denial);
  }
  return code === "RATE_LIMITED" || status === 429
    ? new GatewayRateLimitedError(message, denial)
    : undefined;
}

/** One entry of `errors` in a GraphQL answer. */
export interface GraphqlProblem {
  readonly message: string;
  /** From `extensions.code`, such as SERVICE_UNAVAILABLE or BAD_USER_INPUT. */
  readonly code: string | undefined;
  readonly path: readonly (string | number)[] | undefined;
  readonly retryAfterMs: number | undefined;
}

/** Thrown when the gateway answered with GraphQL errors that have no class of their own; partial data is not handed out. */
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
    return error.status >= 500 || error.status === 408;
  }
  return (
    error instanceof GatewayUnreachableError ||
    error instanceof GatewayRateLimitedError ||
    (error instanceof GatewayGraphqlError && error.code === "SERVICE_UNAVAILABLE")
  );
}

/** ms the gateway asked to be left alone for, whatever was thrown. */
export function askedMsOf(error: unknown): number | undefined {
  if (error instanceof GatewayGraphqlError) {
    return error.problems[0]?.retryAfterMs;
  }
  return error instanceof GatewayHttpError || error instanceof GatewayRateLimitedError
    ? error.retryAfterMs
    : undefined;
}
