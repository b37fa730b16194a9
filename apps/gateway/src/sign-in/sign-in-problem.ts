/** Why somebody is not let in. */
export class SignInProblem extends Error {
  override readonly name = "SignInProblem";
  /** 401: no token, or one that is not good; 403: a good one without a role here; 503: it cannot be told at the moment. */
  readonly status: 401 | 403 | 503;
  readonly code: "UNAUTHENTICATED" | "FORBIDDEN" | "SERVICE_UNAVAILABLE";
  /** Whether a token came along: what did not even try gets no error code in its challenge (RFC 6750, 3.1). */
  readonly hasToken: boolean;

  constructor(
    status: 401 | 403 | 503,
    message: string,
    options: { hasToken?: boolean; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.status = status;
    this.code =
      status === 401 ? "UNAUTHENTICATED" : status === 403 ? "FORBIDDEN" : "SERVICE_UNAVAILABLE";
    this.hasToken = options.hasToken ?? true;
  }
}
