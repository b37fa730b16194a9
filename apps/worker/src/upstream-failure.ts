import type { PartnerCenterError } from "@patchlane/partner-center";
import type { FailureCode, UpdateFailure } from "@patchlane/update-queue";

/** The caller's view of an upstream failure that ends an update. */
export function failureOf(
  code: FailureCode,
  message: string,
  error: PartnerCenterError,
): UpdateFailure {
  return {
    code,
    message,
    ...(error.status === undefined ? {} : { upstreamStatus: error.status }),
    ...(error.code === undefined ? {} : { upstreamCode: error.code }),
    ...(error.clientRequestId === undefined ? {} : { clientRequestId: error.clientRequestId }),
  };
}

/** The upstream said no to what was sent; its own words are for the caller who sent it. */
export function refusalOf(error: PartnerCenterError, touchesStatus: boolean): UpdateFailure {
  const words = error.upstreamMessage === undefined ? "" : `: ${error.upstreamMessage}`;
  const isTransition = touchesStatus && /status/i.test(error.upstreamMessage ?? "");
  return failureOf(
    isTransition ? "INVALID_TRANSITION" : "INVALID_CHANGE",
    `the upstream refused the change${words}`,
    error,
  );
}
