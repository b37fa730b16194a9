import { KNOWN_FOR_MS, type ListKnowledge, type PassProgress } from "@patchlane/update-queue";

/** Referrals below which the length of the list is not even asked for: a tenth of the calls at most is spent on asking. */
const LEAST_TO_ASK = 10;
/** Referrals for which a look at the newest changes costs no more than single reads. */
const LEAST_FOR_DELTA = 2;
/** ms before the oldest states of a chain are forgotten. */
const FORGETTING_MARGIN_MS = 60 * 60 * 1000;
/** What the first pass of all is called before; later ones are called by when they began. */
const NO_CHAIN = "0";
const CHAIN_DIGITS = 12;

/** What a pass would be good for. */
export interface PassNeed {
  /** Single reads it would save. */
  readonly reads: number;
  /** Those of them that a look at the newest changes would not save: nothing is known of the referral. */
  readonly unknown: number;
  /** Whether it is also to tell which referral has an external id: that takes all of them. */
  readonly hasExternalIds: boolean;
  /** There is no other way: it is read to its end, whatever it costs. */
  readonly mustCover: boolean;
}

/** Whether the list is the cheap way to what is needed, and how much of it, as far as can be told before asking. */
export function planPass(
  need: PassNeed,
  known: ListKnowledge | undefined,
  now: number,
): "none" | "delta" | "full" {
  if (need.reads === 0 && !need.mustCover) {
    return "none";
  }
  const coversAll =
    !need.hasExternalIds ||
    (known !== undefined && now - known.fullSince < KNOWN_FOR_MS - FORGETTING_MARGIN_MS);
  if (known?.newest !== undefined && coversAll && !isFullCheaper(need, known)) {
    return need.reads >= LEAST_FOR_DELTA || need.mustCover ? "delta" : "none";
  }
  if (need.mustCover) {
    return "full";
  }
  if (known?.total === undefined) {
    return need.reads >= LEAST_TO_ASK ? "full" : "none";
  }
  return pagesOf(known.total, known.pageSize) <= need.reads ? "full" : "none";
}

/** What is unknown has to be read singly after a delta. */
function isFullCheaper({ reads, unknown }: PassNeed, { total, pageSize }: ListKnowledge): boolean {
  return total === undefined
    ? unknown >= LEAST_TO_ASK && unknown > reads / 2
    : unknown > pagesOf(total, pageSize);
}

/** A pass before its first page. */
export function beginPass(
  kind: "full" | "delta",
  known: ListKnowledge | undefined,
  more: Pick<PassProgress, "serves" | "budget" | "mustCover"> & { readonly now: number },
): PassProgress {
  const isDelta = kind === "delta" && known !== undefined;
  const { serves, budget, mustCover, now } = more;
  return {
    kind: isDelta ? "delta" : "full",
    chain: isDelta ? known.chain : laterChain(known?.chain ?? NO_CHAIN, now),
    pass: isDelta ? known.pass + 1 : 1,
    serves,
    budget,
    mustCover,
    isPlain: false,
    restarts: 0,
    pages: 0,
    pagesFromTop: 0,
    newest: undefined,
    lastSeen: undefined,
    isOrderly: true,
    isOrderProven: isDelta && known.isOrderProven,
    total: undefined,
    pageSize: known?.pageSize ?? 0,
    downTo: isDelta ? known.newest : undefined,
    since: isDelta ? known.newest : undefined,
    totalBefore: isDelta ? known.total : undefined,
    created: 0,
    knownRun: 0,
    fullSince: isDelta ? known.fullSince : now,
  };
}

/** The same pass from the top, as the beginning of a chain of its own. */
export function beginAnew(
  progress: PassProgress,
  now: number,
  more: Partial<Pick<PassProgress, "isPlain" | "restarts">> = {},
): PassProgress {
  const { chain, pages, isPlain, restarts, pageSize, isOrderly } = progress;
  const begun = beginPass("full", undefined, { ...progress, now });
  return {
    ...begun,
    chain: laterChain(chain, now),
    pages,
    pageSize,
    isPlain,
    restarts,
    isOrderly,
    ...more,
  };
}

/** Chains are called by when they began (Unix ms, hex), so that the later one has the greater name; clocks may be set back. */
function laterChain(chain: string, now: number): string {
  const name = Math.max(now, Number.parseInt(chain, 16) + 1);
  return name.toString(16).padStart(CHAIN_DIGITS, "0");
}

export function pagesOf(total: number, pageSize: number): number {
  return Math.ceil(total / Math.max(pageSize, 1));
}
