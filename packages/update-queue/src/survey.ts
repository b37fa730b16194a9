import type { PassMark } from "./redis-known-states.ts";

/*
 * What is known of the referral list as a whole.
 *
 * A pass reads the list page by page, the newest change first. A full pass begins a chain: once complete, it has shown every
 * referral. A later pass of the chain reads down to where that knowledge begins; what it does not show has not changed
 * since. Every state that a pass shows carries its mark, so a state whose mark is of the chain is the current one as of the
 * chain's last complete pass, whatever else wrote into the cache meanwhile.
 */

/** What the last complete pass left for the next one. */
export interface ListKnowledge extends PassMark {
  /** Unix ms of the upstream's clock: every change up to there is known. undefined = the list does not come newest first. */
  readonly newest: number | undefined;
  /** The upstream was seen to keep to the order asked for; one that ignores it may look the same for a while. */
  readonly isOrderProven: boolean;
  /** Referrals in the list; undefined when the upstream does not count. */
  readonly total: number | undefined;
  /** Items the upstream puts on one page. */
  readonly pageSize: number;
  /** Unix ms (of the process that led): when the chain's full pass began. */
  readonly fullSince: number;
}

/** A pass under way, written down after every page. */
export interface PassProgress extends PassMark {
  readonly kind: "full" | "delta";
  /** Bulk updates that rely on it: all of them were committed before it began. */
  readonly serves: readonly string[];
  /** Pages it may cost in all. */
  readonly budget: number;
  /** It is read to its end, whatever it costs: some external ids cannot be told otherwise. */
  readonly mustCover: boolean;
  /** Asked for without an order and a count: the upstream refused those. */
  readonly isPlain: boolean;
  /** Times it was begun anew. */
  readonly restarts: number;
  /** Pages read in all. */
  readonly pages: number;
  /** Pages read since it was begun at the top (again). */
  readonly pagesFromTop: number;
  /** Where it goes on; absent at the top. */
  readonly nextLink?: string;
  /** The first item's change (ms): what changed later is for the next pass. */
  readonly newest: number | undefined;
  /** The last item's change (ms), those that changed meanwhile aside. */
  readonly lastSeen: number | undefined;
  readonly isOrderly: boolean;
  readonly isOrderProven: boolean;
  readonly total: number | undefined;
  readonly pageSize: number;
  /** Of a delta: changes up to there (ms) are known. */
  readonly downTo: number | undefined;
  /** Of a delta: how many referrals there should be, without those that were created since. */
  readonly totalBefore: number | undefined;
  /** Referrals created since `since` (ms), where the last pass began. */
  readonly created: number;
  readonly since: number | undefined;
  /** Items in a row that were known, at the end of what was read. */
  readonly knownRun: number;
  /** Unix ms (of the process that led): when the chain's full pass began. */
  readonly fullSince: number;
}

/** What a bulk update may rely on. */
export interface PassEvidence extends PassMark {
  /** The pass showed, or vouches for, every referral. */
  readonly isComplete: boolean;
}

/**
 * Whether a state is certainly as it was at some moment after the bulk update was committed: the pass made for it, or a later
 * one, showed this very version, or (complete) vouches for it.
 */
export function isVouchedFor(mark: PassMark | undefined, evidence: PassEvidence | undefined) {
  if (mark === undefined || evidence === undefined) {
    return false;
  }
  return mark.chain === evidence.chain
    ? evidence.isComplete || mark.pass >= evidence.pass
    : mark.chain > evidence.chain;
}

/** What passes over the list leave for each other; kept as long as states are. */
export interface Survey {
  knowledge(): Promise<ListKnowledge | undefined>;
  /** The pass under way, or what a process that died left of it. */
  progress(): Promise<PassProgress | undefined>;
  save(progress: PassProgress): Promise<void>;
  /** The pass is over: in one step there is what it leaves, and the bulk updates it served may rely on it. */
  complete(progress: PassProgress, knowledge: ListKnowledge): Promise<void>;
  /** The pass is given up: what it did show counts. With `total`, that is remembered. */
  giveUp(progress: PassProgress): Promise<void>;
  /** What a bulk update may rely on; undefined when there is nothing, it is too old, or from before a retry. */
  evidence(bulkUpdateId: string): Promise<PassEvidence | undefined>;
}
