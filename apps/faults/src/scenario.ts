import type { LocalStack, LocalStackOptions } from "@patchlane/local-stack";
import type { BulkCallers } from "./bulk/bulk-callers.ts";
import type { BulkLoad } from "./bulk/plan-rows.ts";
import type { Gateway } from "./gateway.ts";
import type { Evidence, Verdict } from "./judge/verdict.ts";
import type { Load } from "./load.ts";
import type { Random } from "./random.ts";
import type { Submitter } from "./submitter.ts";
import type { Upstream, UpstreamReferral } from "./upstream.ts";

/** What a scenario makes trouble with. */
export interface Stage {
  readonly stack: LocalStack;
  readonly upstream: Upstream;
  readonly gateway: Gateway;
  readonly random: Random;
  readonly submitter: Submitter;
  readonly bulk: BulkCallers;
  /** Whose rows they are, as they were at first. */
  readonly bulkReferrals: readonly UpstreamReferral[];
  /** Whose updates are submitted one by one. */
  readonly referralIds: readonly string[];
  /** Resolves when every update is accepted, bulk updates included. */
  readonly submitted: Promise<void>;
  /** False once all updates are settled, or enough time has passed: the trouble ends. */
  readonly isGoingOn: () => boolean;
  /** Counts what was done, for the table. */
  did(what: string, times?: number): void;
  /** Something measured, for the table. */
  note(what: string): void;
  /** A promise of this scenario's own that does not hold. */
  broken(what: string): void;
}

export interface Scenario {
  readonly name: string;
  readonly stack?: LocalStackOptions;
  /** What is submitted one by one; default 200 updates, with bulk updates none. */
  readonly load?: Load;
  /** Bulk updates beside that. */
  readonly bulk?: BulkLoad;
  /** Somebody else writes the notes as well. */
  readonly hasForeignNotes?: boolean;
  /** Writes of one referral that may overlap: 1, but for paused processes. */
  readonly mostAtOnce?: number;
  /** Updates may end FAILED; default only the poisonous ones may. */
  readonly mayFail?: boolean;
  /** Updates may end CANCELLED. */
  readonly mayCancel?: boolean;
  /** Processes end or stand still between counting an attempt and sending it. */
  readonly hurtsProcesses?: boolean;
  /** The rules stay until everything is settled; default they end with the trouble. */
  readonly isLasting?: boolean;
  /** ms all updates may take to settle after the trouble is over; default 120 s. */
  readonly settleWithinMs?: number;
  /** Makes trouble while updates are submitted and sent. */
  trouble?(stage: Stage): Promise<void>;
  /** Has a look around when all is settled and the trouble is over. */
  after?(stage: Stage): Promise<void>;
  /** Looks at how it ended. */
  check?(ending: Pick<Stage, "note" | "broken">, evidence: Evidence, verdict: Verdict): void;
}

/** What one run of a scenario came to. */
export interface ScenarioReport {
  readonly name: string;
  readonly seed: number;
  /** What was done, how often. */
  readonly done: ReadonlyMap<string, number>;
  readonly notes: readonly string[];
  readonly verdict: Verdict;
  /** Promises that do not hold; empty when all is well. */
  readonly broken: readonly string[];
  readonly seconds: number;
}

/** Upstream calls a second that simulator, gateway and workers are told, unless a scenario says otherwise. */
export const RATE = 100;
