import type { CallObserver } from "@patchlane/partner-center";
import type { Meters } from "@patchlane/update-queue";

/** Counts every upstream call a client makes, by what it was and how it ended, for the account's metrics. */
export function meterCalls(meters: Meters): CallObserver {
  return {
    started:
      ({ operation }) =>
      ({ status, kind, durationMs }) => {
        meters.count("upstreamCalls", {
          operation,
          status: status === undefined ? "none" : String(status),
          kind: kind ?? (status === undefined ? "ended" : "ok"),
        });
        meters.observe("upstreamCallSeconds", { operation }, durationMs / 1_000);
      },
  };
}
