import type {
  CallObserver,
  ObservedCall,
  PartnerCenterClient,
  RateBudget,
} from "@patchlane/partner-center";
import { inSpan, startSpan } from "./tracing.ts";

/** By operation; an id in the name would make every name another one. */
const NAMES: Readonly<Record<ObservedCall["operation"], string>> = {
  get: "GET /engagements/referrals/{id}",
  list: "GET /engagements/referrals",
  patch: "PATCH /engagements/referrals/{id}",
};

/** A span for every HTTP call that belongs to a trace. The trace itself stays here: upstream it means nothing. */
export const callSpans: CallObserver = {
  started({ method, operation, priority }) {
    const span = startSpan(
      NAMES[operation],
      {
        "http.request.method": method,
        "patchlane.upstream.operation": operation,
        "patchlane.priority": priority,
      },
      { kind: "client" },
    );
    return ({ status, kind, clientRequestId, requestId }) => {
      span.set({
        "http.response.status_code": status,
        "patchlane.client_request_id": clientRequestId,
        "patchlane.request_id": requestId,
      });
      if (kind !== undefined || status === undefined) {
        span.fail(kind ?? "aborted");
      }
      span.end();
    };
  },
};

/** The same budget; waiting for it can be seen. */
export function tracedBudget(budget: RateBudget): RateBudget {
  return {
    acquire: (options) =>
      inSpan("wait for the rate budget", { "patchlane.priority": options.priority }, () =>
        budget.acquire(options),
      ),
    throttled: (refusal) => budget.throttled(refusal),
    succeeded: () => budget.succeeded(),
  };
}

/** The same client; reads and writes of a referral, all they wait for included, can be seen. */
export function tracedClient(client: PartnerCenterClient): PartnerCenterClient {
  return {
    getReferral: (id, options) =>
      inSpan("read referral", { "patchlane.referral.id": id }, () =>
        client.getReferral(id, options),
      ),
    listReferrals: (query, options) => client.listReferrals(query, options),
    patchReferral: (input, options) =>
      inSpan(
        "write referral",
        { "patchlane.referral.id": input.id, "patchlane.operations": input.patch.length },
        () => client.patchReferral(input, options),
      ),
    close: () => client.close(),
  };
}
