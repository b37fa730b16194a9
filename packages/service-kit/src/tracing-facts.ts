/**
 * What may stand in a trace: ids, codes, counts and times, never what callers wrote. A fact that is not on the list
 * cannot be told: neither by a type error overlooked, nor by an error's message. docs/tracing.md says what each means.
 */
export const SPAN_FACTS = [
  "error.type",
  "graphql.operation.type",
  "http.request.method",
  "http.response.status_code",
  "http.route",
  "patchlane.bulk_update.id",
  "patchlane.client_request_id",
  "patchlane.delay_ms",
  "patchlane.failure.code",
  "patchlane.fold_limit",
  "patchlane.gateway.request_id",
  "patchlane.graphql.fields",
  "patchlane.list.pass",
  "patchlane.operations",
  "patchlane.outcome",
  "patchlane.priority",
  "patchlane.queued_ms",
  "patchlane.rebases",
  "patchlane.referral.id",
  "patchlane.request_id",
  "patchlane.troubles",
  "patchlane.update.id",
  "patchlane.update.state",
  "patchlane.updates",
  "patchlane.upstream.operation",
] as const;

export type SpanFacts = {
  readonly [Name in (typeof SPAN_FACTS)[number]]?: string | number | boolean | undefined;
};

/** Longest text of a fact, in characters; the longest we tell is a list of field names. */
const LONGEST_TEXT = 256;

/** Only what is on the list and known, cut to size. */
export function listedFacts(facts: SpanFacts): Record<string, string | number | boolean> {
  const kept: Record<string, string | number | boolean> = {};
  for (const name of SPAN_FACTS) {
    const value = facts[name];
    if (value !== undefined) {
      kept[name] = typeof value === "string" ? value.slice(0, LONGEST_TEXT) : value;
    }
  }
  return kept;
}
