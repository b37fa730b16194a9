/** Running totals since the start, the last reset, or the last `DELETE /_simulator/requests`. */
export interface CounterView {
  /** Requests to the API that arrived. */
  readonly total: number;
  /** Of those, not ended yet. */
  readonly open: number;
  /** Answers by status. */
  readonly byStatus: Readonly<Record<string, number>>;
  /** 429 answers, by the limiter or a fault. */
  readonly throttled: number;
  /** Connections cut by a fault. */
  readonly cut: number;
  /** Requests whose client went away first. */
  readonly abandoned: number;
  /** Requests that changed a referral. */
  readonly applied: number;
  /** Most writes (PATCH, PUT) to one referral in flight at once, and to which. */
  readonly maxConcurrentWritesPerReferral: number;
  readonly maxConcurrentWritesReferralId: string | null;
  /** Calls of the token endpoint by status; they are not in the request log. */
  readonly tokenRequestsByStatus: Readonly<Record<string, number>>;
}

/** Keeps the totals and the writes in flight per referral. */
export interface Counters {
  arrived(): void;
  ended(outcome: "answered" | "cut" | "abandoned", status: number | null): void;
  appliedOne(): void;
  tokenAnswered(status: number): void;
  /** Returns how many writes to this referral are in flight now, this one included. */
  writeBegan(referralId: string): number;
  writeEnded(referralId: string): void;
  view(): CounterView;
  /** Sets the totals to zero; requests in flight stay counted as open. */
  clear(): void;
}

/** Counters at zero. */
export function createCounters(): Counters {
  const writesInFlight = new Map<string, number>();
  let open = 0;
  let totals = zero();

  function zero() {
    return {
      total: 0,
      throttled: 0,
      cut: 0,
      abandoned: 0,
      applied: 0,
      byStatus: {} as Record<string, number>,
      tokenRequestsByStatus: {} as Record<string, number>,
      maxConcurrentWritesPerReferral: 0,
      maxConcurrentWritesReferralId: null as string | null,
    };
  }

  return {
    arrived() {
      totals.total += 1;
      open += 1;
    },
    ended(outcome, status) {
      open -= 1;
      if (outcome !== "answered") totals[outcome] += 1;
      if (status === null) return;
      totals.byStatus[status] = (totals.byStatus[status] ?? 0) + 1;
      if (status === 429) totals.throttled += 1;
    },
    appliedOne() {
      totals.applied += 1;
    },
    tokenAnswered(status) {
      totals.tokenRequestsByStatus[status] = (totals.tokenRequestsByStatus[status] ?? 0) + 1;
    },
    writeBegan(referralId) {
      const now = (writesInFlight.get(referralId) ?? 0) + 1;
      writesInFlight.set(referralId, now);
      if (now > totals.maxConcurrentWritesPerReferral) {
        totals.maxConcurrentWritesPerReferral = now;
        totals.maxConcurrentWritesReferralId = referralId;
      }
      return now;
    },
    writeEnded(referralId) {
      const left = (writesInFlight.get(referralId) ?? 1) - 1;
      if (left > 0) writesInFlight.set(referralId, left);
      else writesInFlight.delete(referralId);
    },
    view: () => ({
      ...totals,
      open,
      byStatus: { ...totals.byStatus },
      tokenRequestsByStatus: { ...totals.tokenRequestsByStatus },
    }),
    clear() {
      totals = zero();
    },
  };
}
