import type { ReferralPage } from "@patchlane/partner-center";
import type { Referral } from "@patchlane/referral-patch";
import type { ListedAs, ListKnowledge, PassProgress } from "@patchlane/update-queue";
import { pagesOf } from "./plan-pass.ts";

/** ms below the newest known change that are looked at again: a write may become visible after a later one. */
const MARGIN_MS = 10_000;
/** Known items in a row after which the rest counts as known, when many referrals share one moment of change. */
const KNOWN_RUN = 50;
/** Pages a list without a count is given before it has to pay. */
const PAGES_ON_CREDIT = 5;
/** Looks at the top again after a delta of several pages, for what changed meanwhile. */
const MOST_LOOKS = 5;
/** Pages beyond what the count promised, after which a list counts as endless. */
const SPARE_PAGES = 10;

/** How a pass goes on: `top` = once more from the top, for what changed meanwhile; `anew` = as a full pass. */
export type PassVerdict = "more" | "complete" | "top" | "anew" | "tooDear";

type Page = Pick<ReferralPage, "referrals" | "unreadableCount" | "count" | "nextLink">;

/** The pass after one more page. */
export function advance(
  progress: PassProgress,
  page: Page,
  listedAs: readonly ListedAs[],
): PassProgress {
  const isTop = progress.pagesFromTop === 0;
  const [first] = page.referrals;
  const newest = isTop ? msOf(first?.updatedDateTime) : progress.newest;
  const { nextLink: _former, ...before } = progress;
  const size = page.referrals.length + page.unreadableCount;
  const total = isTop && isPlausible(page, size) ? page.count : before.total;
  return {
    ...before,
    ...(page.nextLink === undefined ? {} : { nextLink: page.nextLink }),
    ...inOrder(page.referrals, { ...progress, newest }, isTop),
    newest,
    total: isTop && !isPlausible(page, size) ? undefined : total,
    pageSize: Math.max(size, isTop ? 0 : before.pageSize),
    pages: before.pages + 1,
    pagesFromTop: before.pagesFromTop + 1,
    created: before.created + createdSince(progress.since, page.referrals, listedAs),
    knownRun: knownRunAfter(progress, page.referrals, listedAs),
  };
}

/** A count that the page itself refutes is no count. */
function isPlausible({ count, nextLink }: Page, size: number): boolean {
  return count !== undefined && (nextLink === undefined ? count >= size : count > size);
}

/**
 * Whether the items come newest change first. What changed while the pass was under way may stand anywhere, but on the first
 * page, which is of one piece.
 */
function inOrder(
  referrals: readonly Referral[],
  { newest, lastSeen, isOrderly }: Pick<PassProgress, "newest" | "lastSeen" | "isOrderly">,
  isTop: boolean,
): Pick<PassProgress, "lastSeen" | "isOrderly"> {
  let last = isTop ? undefined : lastSeen;
  let is = isOrderly;
  for (const { updatedDateTime } of referrals) {
    const at = msOf(updatedDateTime);
    if (at === undefined) {
      is = false;
    } else if (isTop || newest === undefined || at <= newest) {
      is &&= last === undefined || at <= last;
      last = at;
    }
  }
  return { lastSeen: last, isOrderly: is };
}

function createdSince(
  since: number | undefined,
  referrals: readonly Referral[],
  listedAs: readonly ListedAs[],
): number {
  return since === undefined
    ? 0
    : referrals.filter(
        ({ createdDateTime }, index) =>
          listedAs[index] !== "repeated" && (msOf(createdDateTime) ?? since) > since,
      ).length;
}

function knownRunAfter(
  { downTo, knownRun }: PassProgress,
  referrals: readonly Referral[],
  listedAs: readonly ListedAs[],
): number {
  let run = knownRun;
  for (const [index, { updatedDateTime }] of referrals.entries()) {
    const at = msOf(updatedDateTime);
    const isKnown = listedAs[index] === "charted" || listedAs[index] === "repeated";
    run = isKnown && at !== undefined && downTo !== undefined && at <= downTo ? run + 1 : 0;
  }
  return run;
}

/** `hits` = needed referrals seen so far, for a list that does not say how long it is. */
export function verdictOn(progress: PassProgress, hits: number): PassVerdict {
  const isAtEnd = progress.nextLink === undefined;
  return progress.kind === "full"
    ? verdictOnFull(progress, isAtEnd, hits)
    : verdictOnDelta(progress, isAtEnd);
}

function verdictOnFull(progress: PassProgress, isAtEnd: boolean, hits: number): PassVerdict {
  const { total, pageSize, pagesFromTop, budget, mustCover } = progress;
  if (isAtEnd) {
    return "complete";
  }
  if (total === undefined) {
    return !mustCover && pagesFromTop >= PAGES_ON_CREDIT && pagesFromTop > hits
      ? "tooDear"
      : "more";
  }
  const pages = pagesOf(total, pageSize);
  const isEndless = pagesFromTop > 2 * pages + SPARE_PAGES;
  return isEndless || (!mustCover && pages > budget) ? "tooDear" : "more";
}

function verdictOnDelta(progress: PassProgress, isAtEnd: boolean): PassVerdict {
  const { downTo, lastSeen, knownRun, pageSize, pages, pagesFromTop } = progress;
  const isAffordable =
    progress.mustCover ||
    progress.total === undefined ||
    pagesOf(progress.total, pageSize) <= progress.budget;
  if (!progress.isOrderly) {
    return isAffordable ? "anew" : "tooDear";
  }
  const isBelow = downTo !== undefined && lastSeen !== undefined && lastSeen < downTo - MARGIN_MS;
  const isReached = isAtEnd || isBelow || knownRun >= Math.min(KNOWN_RUN, Math.ceil(pageSize / 2));
  if (!isReached) {
    return pages >= progress.budget && !progress.mustCover ? "tooDear" : "more";
  }
  if (isSomeGone(progress)) {
    return isAffordable ? "anew" : "tooDear";
  }
  const looks = progress.restarts;
  return pagesFromTop > 1 && looks < MOST_LOOKS ? "top" : "complete";
}

/** Fewer than there were, and those created since: which ones are gone, only the whole list tells. */
function isSomeGone({ total, totalBefore, created }: PassProgress): boolean {
  return total !== undefined && totalBefore !== undefined && total < totalBefore + created;
}

/**
 * Whether a delta's first page is to be checked against the other end of the list: an upstream that ignores the order may show
 * its newest referrals first, and look right as long as nothing old changes.
 */
export function isToBeProven({ kind, pagesFromTop, isOrderly, isOrderProven }: PassProgress) {
  return kind === "delta" && pagesFromTop === 1 && isOrderly && !isOrderProven;
}

/** The pass after the list was asked for the other way round; `oldest` = the first item of that. */
export function afterProof(
  progress: PassProgress,
  oldest: Pick<Referral, "updatedDateTime"> | undefined,
): PassProgress {
  const { newest, lastSeen } = progress;
  const at = msOf(oldest?.updatedDateTime);
  if (newest === undefined || lastSeen === undefined) {
    return progress; // an empty list is in any order
  }
  return at === undefined || at > lastSeen
    ? { ...progress, isOrderly: false }
    : { ...progress, isOrderProven: at < newest };
}

/** The same pass once more from the top, down to where it began. */
export function fromTop(progress: PassProgress): PassProgress {
  const { nextLink: _done, ...rest } = progress;
  return {
    ...rest,
    restarts: progress.restarts + 1,
    pagesFromTop: 0,
    downTo: laterOf(progress.downTo, progress.newest),
    lastSeen: undefined,
    knownRun: 0,
  };
}

/** What a complete pass leaves for the next one. */
export function knowledgeFrom(progress: PassProgress): ListKnowledge {
  const { chain, pass, total, pageSize, fullSince, isOrderly, isOrderProven } = progress;
  return {
    chain,
    pass,
    newest: isOrderly ? laterOf(progress.downTo, progress.newest) : undefined,
    isOrderProven,
    total,
    pageSize,
    fullSince,
  };
}

function laterOf(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}

function msOf(dateTime: unknown): number | undefined {
  const at = typeof dateTime === "string" ? Date.parse(dateTime) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}
