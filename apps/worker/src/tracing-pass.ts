import { inSpan, isTracing } from "@patchlane/service-kit";
import type { BulkWork } from "@patchlane/update-queue";

/**
 * Reads the list in a trace of its own, linked to those of the bulk updates it is read for: it belongs to all of them,
 * and to none. Without a trace when none of them has one.
 */
export async function inPassSpan<T>(
  work: Pick<BulkWork, "traceOf">,
  bulkUpdateIds: readonly string[],
  pass: string,
  read: () => Promise<T>,
): Promise<T> {
  const traces = isTracing() ? await Promise.all(bulkUpdateIds.map((id) => work.traceOf(id))) : [];
  const links = traces.filter((trace) => trace !== undefined);
  return links.length === 0
    ? read()
    : inSpan("read the referral list", { "patchlane.list.pass": pass }, read, {
        parent: "root",
        links,
      });
}
