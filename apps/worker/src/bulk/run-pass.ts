import type { ListQuery, PartnerCenterError, ReferralPage } from "@patchlane/partner-center";
import { laneName, type PassProgress } from "@patchlane/update-queue";
import type { BulkEdges } from "./bulk-edges.ts";
import {
  advance,
  afterProof,
  fromTop,
  isToBeProven,
  knowledgeFrom,
  type PassVerdict,
  verdictOn,
} from "./pass-progress.ts";
import { beginAnew } from "./plan-pass.ts";
import { readPatiently } from "./read-patiently.ts";
import { breathe, type Turn } from "./turn.ts";

/** Newest change first, so that a later pass can stop where knowledge begins; the count says what a pass costs. */
const IN_ORDER: ListQuery = { orderBy: "updatedDateTime desc", count: true };
/** The referral whose last change is the longest ago. */
const OTHER_END: ListQuery = { orderBy: "updatedDateTime asc", top: 1 };
/** Times a pass is begun anew because its next page is not to be had any more (a link that expired). */
const MOST_RESTARTS = 3;
/** Failures after which the list, or its next page, is not to be had: some six seconds. */
const MOST_TROUBLES = 6;
const MOST_TROUBLES_IN_THE_MIDDLE = 4;

export interface PassEdges {
  readonly turn: Turn;
  readonly stopping: AbortSignal;
  /** Whether somebody needs the state of this referral (a lane name). */
  readonly isNeeded: (lane: string) => boolean;
}

/**
 * Reads the list from where `begun` stands until it is complete or not worth its price. Every page is remembered, and then the
 * progress: who comes after a kill reads at most one page again. Answers why it was given up, undefined when it was not.
 */
export async function runPass(
  edges: BulkEdges,
  begun: PassProgress,
  pass: PassEdges,
): Promise<PartnerCenterError | "tooDear" | undefined> {
  const { survey, known } = edges;
  let progress = begun;
  let hits = 0;
  await survey.save(progress);
  for (;;) {
    const page = await readPage(edges, progress, pass, queryOf(progress));
    if (!page.ok) {
      const again = afterFailure(progress, page.error, edges.now());
      if (again === undefined) {
        await survey.giveUp(progress);
        return page.error;
      }
      progress = again;
      continue;
    }
    const { referrals } = page.value;
    const mark = { chain: progress.chain, pass: progress.pass };
    const listedAs = await known.putMany(referrals, edges.now(), mark);
    hits += referrals.filter(({ id }) => pass.isNeeded(laneName(id))).length;
    progress = advance(progress, page.value, listedAs);
    if (isToBeProven(progress)) {
      const end = await readPage(edges, progress, pass, OTHER_END);
      progress = afterProof(progress, end.ok ? end.value.referrals[0] : undefined);
    }
    const verdict = verdictOn(progress, hits);
    if (verdict === "complete") {
      await survey.complete(progress, knowledgeFrom(progress));
      return undefined;
    }
    if (verdict === "tooDear") {
      await survey.giveUp(progress);
      return "tooDear";
    }
    progress = next(progress, verdict, edges.now());
    await survey.save(progress);
    await breathe();
  }
}

function next(progress: PassProgress, verdict: PassVerdict, now: number): PassProgress {
  return verdict === "top"
    ? fromTop(progress)
    : verdict === "anew"
      ? beginAnew(progress, now)
      : progress;
}

function queryOf({ nextLink, isPlain }: PassProgress): ListQuery {
  return nextLink === undefined ? (isPlain ? {} : IN_ORDER) : { nextLink };
}

function readPage(
  edges: BulkEdges,
  { nextLink, serves }: PassProgress,
  { turn, stopping }: PassEdges,
  query: ListQuery,
) {
  return readPatiently(edges, {
    turn,
    stopping,
    call: (signal) => firstPage(edges, query, signal),
    onSent: () => edges.work.noteCalls(serves, 1),
    isTelling: false,
    mostTroubles: nextLink === undefined ? MOST_TROUBLES : MOST_TROUBLES_IN_THE_MIDDLE,
  });
}

/** One page, one call. */
export async function firstPage(
  { client }: Pick<BulkEdges, "client">,
  query: ListQuery,
  signal: AbortSignal,
): Promise<ReferralPage> {
  for await (const page of client.listReferrals(query, { signal, priority: "bulk" })) {
    return page;
  }
  throw new Error("a list without a page");
}

/** What to try instead; undefined = nothing. */
function afterFailure(
  progress: PassProgress,
  { kind }: PartnerCenterError,
  now: number,
): PassProgress | undefined {
  if (kind === "forbidden") {
    return undefined;
  }
  if (progress.nextLink !== undefined && progress.restarts < MOST_RESTARTS) {
    const { restarts } = progress;
    return progress.kind === "full"
      ? beginAnew(progress, now, { restarts: restarts + 1 })
      : { ...fromTop(progress), downTo: progress.downTo };
  }
  // An upstream that knows no order or count may still have a list.
  return kind === "rejected" && progress.nextLink === undefined && !progress.isPlain
    ? beginAnew(progress, now, { isPlain: true })
    : undefined;
}
