import type { AccountMetrics, Sample } from "@patchlane/update-queue";
import type { Family } from "./prometheus-text.ts";

/** Said by the help of every account-wide family. */
const SAME = "Of the whole account, the same at every gateway: max, not sum.";

type Counters = AccountMetrics["counters"];
type Histograms = AccountMetrics["histograms"];

/** What was counted since the account began: name, which counter, help. */
const COUNTERS: readonly (readonly [name: string, of: keyof Counters, help: string])[] = [
  [
    "patchlane_updates_accepted_total",
    "accepted",
    "Updates accepted: single ones, and rows of committed bulk updates that are no dry runs.",
  ],
  [
    "patchlane_updates_finished_total",
    "finished",
    "Updates that became final, by state and failure code.",
  ],
  [
    "patchlane_updates_retried_total",
    "retried",
    "FAILED rows of bulk updates that were queued again; they finish again.",
  ],
  [
    "patchlane_updates_withdrawn_total",
    "withdrawn",
    "Accepted updates taken back because their callers had been told that nothing was accepted.",
  ],
  ["patchlane_bulk_updates_accepted_total", "bulkAccepted", "Bulk updates committed."],
  [
    "patchlane_bulk_updates_finished_total",
    "bulkFinished",
    "Committed bulk updates that were over; one that is retried is over again.",
  ],
  [
    "patchlane_upstream_calls_total",
    "upstreamCalls",
    "HTTP calls to Partner Center, by operation, status (none = no answer) and what it meant.",
  ],
  [
    "patchlane_upstream_throttled_total",
    "throttled",
    "Answers that closed the rate budget: for the rate (429, 509), or because the upstream is unwell (503 with Retry-After).",
  ],
  [
    "patchlane_repeats_total",
    "repeats",
    "Times work on updates had to be done again: somebody else wrote first, an answer was lost, the upstream failed.",
  ],
  ["patchlane_callbacks_total", "callbacks", "Tries of callbacks of bulk updates, by outcome."],
];

const HISTOGRAMS: readonly (readonly [name: string, of: keyof Histograms, help: string])[] = [
  [
    "patchlane_update_duration_seconds",
    "updateSeconds",
    "Seconds from accepted (or queued again) to final; without cancelled updates and rows that were bad as they came.",
  ],
  [
    "patchlane_updates_per_write",
    "updatesPerWrite",
    "Updates that left in one PATCH which the upstream took.",
  ],
  [
    "patchlane_upstream_call_duration_seconds",
    "upstreamCallSeconds",
    "Seconds from handing a call to its socket until its answer was read.",
  ],
  [
    "patchlane_budget_wait_seconds",
    "budgetWaitSeconds",
    "Seconds a call waited for its moment in the rate budget.",
  ],
];

const flag = (isSet: boolean): number => (isSet ? 1 : 0);

/** What it is like at the moment: name, values, help. */
const GAUGES: readonly (readonly [
  name: string,
  of: (metrics: AccountMetrics) => number | undefined | readonly Sample[],
  help: string,
])[] = [
  [
    "patchlane_updates_pending",
    ({ status }) => [
      { labels: { state: "QUEUED" }, value: status.waiting },
      { labels: { state: "SENDING" }, value: status.active },
    ],
    "Updates in lanes that are not final.",
  ],
  [
    "patchlane_oldest_pending_update_age_seconds",
    ({ status }) => status.oldestWaitingSeconds,
    "Seconds since the oldest update that workers are to see to was accepted; 0 = there is none.",
  ],
  [
    "patchlane_lanes_waiting",
    ({ lanes }) => lanes,
    "Referrals that workers are to see to; those of a bulk update come a few at a time.",
  ],
  [
    "patchlane_lanes_resting",
    ({ status }) => status.delayed,
    "Referrals that rest until their next try.",
  ],
  [
    "patchlane_bulk_updates_open",
    ({ bulkUpdatesIngesting, bulkUpdatesRunning }) => [
      { labels: { state: "ingesting" }, value: bulkUpdatesIngesting },
      { labels: { state: "running" }, value: bulkUpdatesRunning },
    ],
    "Bulk updates being taken in, and committed ones that are not over.",
  ],
  [
    "patchlane_callbacks_waiting",
    ({ callbacksWaiting }) => callbacksWaiting,
    "Callbacks that were not made yet, those that failed and are tried again included.",
  ],
  [
    "patchlane_rate_configured_calls_per_second",
    ({ configuredRatePerSecond }) => configuredRatePerSecond,
    "Upstream calls a second that are used while nothing is refused: 95 % of PARTNER_CENTER_RATE of this gateway.",
  ],
  [
    "patchlane_rate_in_use_calls_per_second",
    ({ status }) => status.ratePerSecond,
    "Upstream calls a second that may be made at the moment.",
  ],
  [
    "patchlane_rate_learned_calls_per_second",
    ({ learnedRatePerSecond }) => learnedRatePerSecond,
    "Upstream calls a second at which the upstream last refused; absent when it never did.",
  ],
  [
    "patchlane_rate_closed_seconds",
    ({ closedForMs }) => closedForMs / 1_000,
    "Seconds until calls may be made again; 0 = they may.",
  ],
  [
    "patchlane_account_paused",
    ({ status }) => flag(status.pausedReason !== undefined),
    "1 = nothing is sent for anybody, because sign-in to Partner Center does not work.",
  ],
  [
    "patchlane_upstream_down",
    ({ isUpstreamDown }) => flag(isUpstreamDown),
    "1 = Partner Center keeps failing for everybody.",
  ],
  [
    "patchlane_workers_alive",
    ({ workersAlive }) => workersAlive,
    "Worker processes with a sign of life in the last 10 seconds.",
  ],
];

/** Account-wide families; undefined = Redis was not to be had, and there are none. */
export function accountFamilies(metrics: AccountMetrics | undefined): Family[] {
  const isUp: Family = {
    name: "patchlane_redis_up",
    help: "1 = this gateway reached Redis for this answer; 0 = it did not, and nothing of the account is told.",
    type: "gauge",
    samples: [{ labels: {}, value: flag(metrics !== undefined) }],
  };
  if (metrics === undefined) {
    return [isUp];
  }
  return [
    isUp,
    ...COUNTERS.map(
      ([name, of, help]): Family => ({
        name,
        help: `${help} ${SAME}`,
        type: "counter",
        samples: metrics.counters[of],
      }),
    ),
    ...HISTOGRAMS.map(
      ([name, of, help]): Family => ({
        name,
        help: `${help} ${SAME}`,
        type: "histogram",
        samples: metrics.histograms[of],
      }),
    ),
    ...GAUGES.map(
      ([name, of, help]): Family => ({
        name,
        help: `${help} ${SAME}`,
        type: "gauge",
        samples: samplesOf(of(metrics)),
      }),
    ),
  ];
}

function samplesOf(value: number | undefined | readonly Sample[]): readonly Sample[] {
  if (typeof value === "object") {
    return value;
  }
  return value === undefined ? [] : [{ labels: {}, value }];
}
