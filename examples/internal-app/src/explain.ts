import {
  GatewayForbiddenError,
  GatewayGraphqlError,
  GatewayHttpError,
  GatewayRateLimitedError,
  GatewayUnauthenticatedError,
  GatewayUnreachableError,
} from "@patchlane/gateway-client";

/** What the app does about an error that was thrown. */
export interface Explanation {
  readonly tellUser: string;
  readonly next: "signIn" | "giveUp" | "tryAgain";
  /** ms before it is tried again. */
  readonly afterMs?: number;
}

const USUAL_PAUSE_MS = 2_000;

/** One branch for each class: whatever else is thrown is a bug, and passed on. */
export function explain(error: unknown): Explanation {
  if (error instanceof GatewayUnauthenticatedError) {
    return { tellUser: "Please sign in again.", next: "signIn" };
  }
  if (error instanceof GatewayForbiddenError) {
    return { tellUser: "You are not allowed to do this.", next: "giveUp" };
  }
  if (error instanceof GatewayRateLimitedError) {
    const afterMs = error.retryAfterMs ?? USUAL_PAUSE_MS;
    return { tellUser: "One moment …", next: "tryAgain", afterMs };
  }
  if (error instanceof GatewayUnreachableError) {
    // With the same change id: should the first one have arrived, this is the same update.
    const tellUser = "The connection was lost; your change is sent again.";
    return { tellUser, next: "tryAgain", afterMs: USUAL_PAUSE_MS };
  }
  if (error instanceof GatewayGraphqlError && error.code === "SERVICE_UNAVAILABLE") {
    const afterMs = error.problems[0]?.retryAfterMs ?? USUAL_PAUSE_MS;
    return { tellUser: "Partner Center is away at the moment.", next: "tryAgain", afterMs };
  }
  if (error instanceof GatewayGraphqlError || error instanceof GatewayHttpError) {
    return { tellUser: "That did not work; we have been told.", next: "giveUp" };
  }
  throw error;
}
