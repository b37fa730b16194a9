import { PartnerCenterError } from "@patchlane/partner-center";
import { callerError } from "../errors.ts";

/** What a list that was refused means to the caller; every other error as it is. */
export function explained(error: unknown): unknown {
  if (!(error instanceof PartnerCenterError)) {
    return error;
  }
  const { kind, status, code, clientRequestId } = error;
  const facts = { upstreamStatus: status, upstreamCode: code, clientRequestId };
  switch (kind) {
    case "rejected":
      return callerError(
        "UPSTREAM_REFUSED",
        "Partner Center refused to list this: it does not support all that the filter or orderBy asks for. " +
          "Documented are eq joined by and, and the orders createdDateTime and updatedDateTime",
        facts,
      );
    case "forbidden":
      return callerError("FORBIDDEN", "Partner Center denies the list of referrals", facts);
    default:
      return error;
  }
}
