import { Nap, runAt } from "./run-at.ts";
import { UsualLatency } from "./usual-latency.ts";
import { PRIORITIES, type Priority, WaitingCalls } from "./waiting-calls.ts";

/** How exactly calls have to keep to their moments. */
export interface Pace {
  /** ms between two moments at the rate in use. */
  readonly spacingMs: number;
  /** Calls that may leave at once after a pause. */
  readonly burst: number;
  /** No burst is allowed: a call that is a little early after a late one is refused. */
  readonly isPunctual: boolean;
}

/** Moments given away by the shared budget, as monotonic times of this process (`performance.now()`). */
export interface Slots extends Pace {
  readonly moments: readonly number[];
  /** When to ask again, by kind of call; undefined when all that was wanted was given. */
  readonly askAgainAt: Readonly<Record<Priority, number | undefined>>;
}

/** Leave to make one call at a moment; see `SendPermit` in the client, which this satisfies. */
export interface Permit {
  due(): Promise<boolean>;
  sent(): boolean;
  answered(): void;
}

/**
 * What a late call means for those behind it: they keep their distance to it; or they come later by the `excessMs` it was later
 * than the upstream forgives, which may be none, and for a second less is made up for than could be (see delay-budget-1.lua).
 */
export type Lateness = "distance" | { readonly lateMs: number; readonly excessMs: number };

/** What the calls of one process ask of the budget all processes share. */
export interface SharedBudget {
  reserve(wanted: Readonly<Record<Priority, number>>): Promise<Slots>;
  /**
   * Whether a moment that was reserved a while ago still holds; undefined when not, otherwise when it is now. `isMissed`: it is over,
   * and the call is to leave as soon as it can behind others that missed theirs.
   */
  confirm(moment: number, isMissed: boolean): Promise<number | undefined>;
  /** Hears of calls that left noticeably after their moment (monotonic ms). */
  leftLate(sentAt: number, lateness: Lateness): void;
}

/** How far ahead moments are given to bulk calls (ms): time for the fence, small enough to stay urgent. */
export const HORIZON_MS = 60;
/** How long before its moment a call gets its permit (ms) when the moment is further away. */
const LEAD_MS = 40;
/** How long before its moment the budget is asked once more (ms): the answer must be there, or need not. */
const FAR_CONFIRM_LEAD_MS = 10;
const NEAR_CONFIRM_LEAD_MS = 4;
/** Longest sleep before the budget is asked again (ms), whatever it said; its turns are nearer (reserve-slots). */
const LONGEST_NAP_MS = 5_000;
/**
 * Least share of the spacing between two calls of this process, also when the first one left late; and how
 * late a call may be before the other processes are told.
 */
const LEAST_SPACING_SHARE = 0.97;
/** So much time's calls (ms) may leave at once after a stall where no burst is allowed and nobody can be punctual. */
const UNEVEN_MS = 20;
/** Where calls are not punctual: what a window of a second forgives at least, with this headroom (ms). */
const FORGIVEN_MS = 40;
/** Where they are not punctual, lateness (ms) is told from here on, and so often (ms) when it was no worse; reserve-slots takes less for granted. */
const NOTICED_MS = 10;
const TOLD_EVERY_MS = 500;
/** A burst that is kept back forgives this share of itself. */
const FORGIVEN_BURST_SHARE = 0.8;
/** Most of an unusual latency that is taken for a late arrival, as a share of the spacing: it may be a slow answer. */
const MOST_EXCESS_SHARE = 0.3;
/** A moment this much before the end of a closing (ms) is the first one after it: clocks are estimates. */
const CLOCK_SLACK_MS = 3;

/**
 * Hands the moments this process reserved to the calls waiting in it, the most urgent first. A moment
 * is bound to a call only when it is near, so an urgent call never stands behind a backlog.
 */
export class PacedCalls {
  readonly #shared: SharedBudget;
  readonly #latency = new UsualLatency();
  readonly #waiting = new WaitingCalls<Permit>();
  readonly #nap = new Nap();
  #isRunning = false;
  /** Moments reserved and not yet handed out. */
  #outstanding = 0;
  /** When a bucket of the allowed burst would be full again, had it only this process' calls to count. */
  #fullAt = Number.NEGATIVE_INFINITY;
  #closedUntil = Number.NEGATIVE_INFINITY;
  /** The lateness (ms) the budget was told of last, and when. */
  #told = { lateMs: 0, at: Number.NEGATIVE_INFINITY };
  /** When the budget may be asked (again), by kind of call: its turns keep many processes from asking at once. */
  readonly #askAt: Record<Priority, number> = { interactive: 0, bulk: 0 };

  constructor(shared: SharedBudget) {
    this.#shared = shared;
  }

  /**
   * Resolves shortly before a moment at which one call may be sent. Rejects with the signal's reason when
   * aborted, and with the budget's error when it cannot be asked.
   */
  acquire(options: { priority: Priority; signal?: AbortSignal }): Promise<Permit> {
    const permit = this.#waiting.join(options.priority, options.signal);
    this.#nap.wake();
    void this.#run();
    return permit;
  }

  /** The budget is closed until then (monotonic ms): permits for earlier moments are void. Only ever prolonged. */
  closed(until: number): void {
    this.#closedUntil = Math.max(this.#closedUntil, until);
  }

  /** How many more moments the waiting calls need. */
  get #wanted(): Record<Priority, number> {
    const interactive = Math.max(0, this.#waiting.count("interactive") - this.#outstanding);
    const all = this.#waiting.count("interactive") + this.#waiting.count("bulk");
    return { interactive, bulk: Math.max(0, all - this.#outstanding - interactive) };
  }

  async #run(): Promise<void> {
    if (this.#isRunning) {
      return;
    }
    this.#isRunning = true;
    try {
      for (;;) {
        const now = performance.now();
        const wanted = this.#wanted;
        const kinds = PRIORITIES.filter((kind) => wanted[kind] > 0);
        if (kinds.length === 0) {
          return;
        }
        const due = kinds.filter((kind) => this.#askAt[kind] <= now);
        if (due.length === 0) {
          await this.#nap.take(Math.min(...kinds.map((kind) => this.#askAt[kind])) - now);
        } else {
          await this.#ask(due, wanted);
        }
      }
    } catch (error) {
      this.#waiting.rejectAll(error);
    } finally {
      this.#isRunning = false;
    }
  }

  async #ask(kinds: readonly Priority[], wanted: Readonly<Record<Priority, number>>) {
    const { moments, askAgainAt, ...pace } = await this.#shared.reserve({
      interactive: kinds.includes("interactive") ? wanted.interactive : 0,
      bulk: kinds.includes("bulk") ? wanted.bulk : 0,
    });
    const now = performance.now();
    for (const kind of kinds) {
      this.#askAt[kind] = Math.min(askAgainAt[kind] ?? now, now + LONGEST_NAP_MS);
    }
    for (const moment of moments) {
      this.#outstanding += 1;
      const isFar = moment - now > HORIZON_MS;
      runAt(moment - LEAD_MS, false, () => {
        this.#outstanding -= 1;
        if (this.#isVoid(moment)) {
          void this.#run();
        } else {
          this.#waiting.serve(() => this.#permitFor(moment, isFar, pace));
        }
      });
    }
  }

  #isVoid(moment: number): boolean {
    return moment < this.#closedUntil - CLOCK_SLACK_MS;
  }

  #permitFor(moment: number, isFar: boolean, pace: Pace): Permit {
    const { spacingMs, isPunctual } = pace;
    const toleratedMs = toleratedMsOf(pace);
    let sentAt = moment;
    /** The moment, or when this process' own pace allowed the call. */
    let dueAt = moment;
    /** The upstream may have counted the call only then. */
    const countedAt = (when: number): void => {
      this.#fullAt = Math.max(this.#fullAt, when + spacingMs * LEAST_SPACING_SHARE);
      if (isPunctual && when - moment > toleratedMs) {
        this.#shared.leftLate(when, "distance");
      } else if (!isPunctual && when - dueAt > NOTICED_MS) {
        this.#tellLate(when, when - dueAt, excessMsOf(when - dueAt, pace));
      }
    };
    return {
      due: async () => {
        const holds = await this.#confirmed(moment, isFar, pace);
        if (holds === undefined) {
          return false;
        }
        let when = Math.max(holds, this.#earliest(pace));
        while (performance.now() < when) {
          const until = when;
          await new Promise<void>((resolve) => runAt(until, isPunctual, resolve));
          when = Math.max(until, this.#earliest(pace)); // another call of this process may have left late meanwhile
        }
        if (this.#isVoid(moment)) {
          return false;
        }
        dueAt = when;
        this.#count(performance.now(), pace);
        return true;
      },
      sent: () => {
        if (this.#isVoid(moment)) {
          return false;
        }
        sentAt = performance.now();
        countedAt(sentAt);
        return true;
      },
      answered: () => {
        const lateMs = this.#latency.excess(performance.now() - sentAt);
        if (!isPunctual && lateMs > NOTICED_MS) {
          this.#tellLate(sentAt + lateMs, lateMs, 0); // it may have been counted so late: nothing is made up for on top
        } else if (isPunctual && lateMs > toleratedMs) {
          countedAt(sentAt + Math.min(lateMs, spacingMs * MOST_EXCESS_SHARE));
        }
      },
    };
  }

  #tellLate(when: number, lateMs: number, excessMs: number): void {
    const isKnown = lateMs <= this.#told.lateMs && when - this.#told.at < TOLD_EVERY_MS;
    if (excessMs > 0 || !isKnown) {
      this.#told = { lateMs, at: when };
      this.#shared.leftLate(when, { lateMs, excessMs });
    }
  }

  /** Far moments are sure only when the budget says so again; near ones hear of late calls if it says so in time. */
  async #confirmed(moment: number, isFar: boolean, pace: Pace): Promise<number | undefined> {
    if (!isFar && !pace.isPunctual) {
      return moment;
    }
    const leadMs = isFar ? FAR_CONFIRM_LEAD_MS : NEAR_CONFIRM_LEAD_MS;
    await new Promise<void>((resolve) => runAt(moment - leadMs, false, resolve));
    // Other processes may have missed theirs for the same reason: the budget says in which order they leave.
    const isMissed = pace.isPunctual && performance.now() > moment + toleratedMsOf(pace);
    const answer = this.#shared.confirm(moment, isMissed);
    if (isFar || isMissed) {
      return answer;
    }
    const inTime = new Promise<number>((resolve) => runAt(moment, false, () => resolve(moment)));
    return Promise.race([answer, inTime]);
  }

  /** What the upstream can count is when calls left, not when they should have: the same clock, for this process. */
  #earliest({ spacingMs, burst, isPunctual }: Pace): number {
    const unevenMs = burst === 1 && !isPunctual ? UNEVEN_MS : (burst - 1) * spacingMs;
    return this.#fullAt - unevenMs;
  }

  #count(now: number, { spacingMs }: Pace): void {
    this.#fullAt = Math.max(this.#fullAt, now) + spacingMs * LEAST_SPACING_SHARE;
  }
}

/** How late (ms) a call may be that has to be punctual. */
function toleratedMsOf({ spacingMs }: Pace): number {
  return spacingMs * (1 - LEAST_SPACING_SHARE);
}

/** How much later a call was than the upstream forgives (ms). */
function excessMsOf(lateMs: number, { spacingMs, burst }: Pace): number {
  const burstMs = burst > 1 ? burst * spacingMs * FORGIVEN_BURST_SHARE : FORGIVEN_MS;
  return Math.max(0, lateMs - Math.min(burstMs, FORGIVEN_MS));
}
