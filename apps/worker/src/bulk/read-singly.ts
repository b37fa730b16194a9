import type { PartnerCenterError, ReferralRead } from "@patchlane/partner-center";
import { laneName, type UpdateFailure } from "@patchlane/update-queue";
import { failureOf } from "../upstream-failure.ts";
import type { BulkEdges } from "./bulk-edges.ts";
import type { BulkRun, ReadSingly } from "./bulk-run.ts";
import { type ReadEnd, readPatiently } from "./read-patiently.ts";

/** Reads one referral for a bulk update, and remembers it. */
export async function readSinglyFor(
  edges: BulkEdges,
  { id, turn, stopping }: Pick<BulkRun, "id" | "turn" | "stopping">,
  referralId: string,
  readSingly: ReadSingly,
): Promise<ReadEnd<ReferralRead>> {
  const read = await readPatiently(edges, {
    turn,
    stopping,
    call: (signal) => edges.client.getReferral(referralId, { signal, priority: "bulk" }),
    onSent: () => edges.work.noteCalls([id], 1),
  });
  if (read.ok) {
    const { referral, etag } = read.value;
    if (etag !== undefined) {
      await edges.known.put(referralId, { referral, etag, seenAt: edges.now() });
      readSingly.set(laneName(referralId), etag);
    }
  } else if (read.error.kind === "gone") {
    await edges.known.forget(referralId);
  }
  return read;
}

/** Why a row fails whose referral cannot be read. */
export function failureOfRead(error: PartnerCenterError): UpdateFailure {
  switch (error.kind) {
    case "gone":
      return failureOf("REFERRAL_NOT_FOUND", "there is no such referral", error);
    case "forbidden":
      return failureOf("ACCESS_DENIED", "the signed-in user may not read this referral", error);
    case "rejected":
      return failureOf("INVALID_CHANGE", "the upstream refused to show the referral", error);
    default:
      return failureOf("UPSTREAM_UNAVAILABLE", "the referral cannot be read", error);
  }
}
