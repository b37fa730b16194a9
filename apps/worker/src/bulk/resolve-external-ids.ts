import { PartnerCenterError } from "@patchlane/partner-center";
import {
  isVouchedFor,
  laneName,
  type Resolution,
  type UpdateFailure,
} from "@patchlane/update-queue";
import { failureOf } from "../upstream-failure.ts";
import type { BulkEdges } from "./bulk-edges.ts";
import type { BulkRun, ReadSingly } from "./bulk-run.ts";
import { type Census, countUnknown, queuedRows } from "./census.ts";
import { readPatiently } from "./read-patiently.ts";
import { readSinglyFor } from "./read-singly.ts";
import { firstPage } from "./run-pass.ts";

const PATH = "/externalReferenceId";
/** External ids looked up at a time. */
const IDS_A_STEP = 100;

/** The referral an external id names, or why it names none. */
export type Named = { readonly referralId: string } | { readonly error: UpdateFailure };

/**
 * Finds out which referrals external ids name: from what a pass over the whole list told, or, for few of them, by a filtered
 * list each. That nobody, or more than one, has an id is only said by something that has seen all referrals.
 */
export class Resolver {
  readonly #edges: BulkEdges;
  readonly #run: BulkRun;
  readonly #readSingly: ReadSingly;
  readonly #named = new Map<string, Named>();

  constructor(edges: BulkEdges, run: BulkRun, readSingly: ReadSingly) {
    this.#edges = edges;
    this.#run = run;
    this.#readSingly = readSingly;
  }

  nameOf(externalReferenceId: string): Named | undefined {
    return this.#named.get(externalReferenceId);
  }

  /** Resolves all of them, and adds the states that are needed of what they name to the census. */
  async resolve(census: Census): Promise<void> {
    const ids = [...census.externalIds.keys()];
    await this.#learn(census, false);
    let evidence = await this.#edges.survey.evidence(this.#run.id);
    if (!evidence?.isComplete && !(await this.#byFilter(ids))) {
      const failure = await this.#learn(census, true);
      evidence = await this.#edges.survey.evidence(this.#run.id);
      if (!evidence?.isComplete) {
        this.#failRest(ids, failure);
      }
    }
    if (evidence?.isComplete) {
      await this.#byIndex(ids);
    }
    for (const [externalId, isNeeded] of census.externalIds) {
      const named = this.#named.get(externalId);
      if (isNeeded && named !== undefined && "referralId" in named) {
        census.needs.add(laneName(named.referralId));
      }
    }
  }

  /** What was resolved of the rows from..to. */
  async rows(from: number, to: number): Promise<Resolution[]> {
    const resolved: Resolution[] = [];
    if (this.#named.size === 0) {
      return resolved;
    }
    for await (const rows of queuedRows(this.#edges, this.#run, from, to)) {
      for (const { rowNumber, referralId, externalReferenceId } of rows) {
        const named = this.#named.get(externalReferenceId ?? "");
        if (rowNumber !== undefined && referralId === "" && named !== undefined) {
          resolved.push({ rowNumber, ...named });
        }
      }
    }
    return resolved;
  }

  async #learn(census: Census, mustCover: boolean): Promise<PartnerCenterError | undefined> {
    const { id, passes, stopping, isGoing } = this.#run;
    const found = await this.#edges.survey.evidence(id);
    if (found?.isComplete) {
      return undefined;
    }
    return passes.ask({
      bulkUpdateId: id,
      need: {
        reads: census.needs.size + census.externalIds.size,
        unknown: await countUnknown(this.#edges, census.needs),
        hasExternalIds: true,
        mustCover,
      },
      isNeeded: (lane) => census.needs.has(lane),
      stopping,
      isGoing,
    });
  }

  async #byIndex(ids: readonly string[]): Promise<void> {
    const { known, survey } = this.#edges;
    const evidence = await survey.evidence(this.#run.id);
    for (let at = 0; at < ids.length; at += IDS_A_STEP) {
      await this.#run.step();
      const some = ids.slice(at, at + IDS_A_STEP);
      const candidates = await Promise.all(some.map((id) => known.withExternalId(id)));
      const states = await known.getMany([...new Set(candidates.flat())]);
      for (const [index, externalId] of some.entries()) {
        const found: string[] = [];
        for (const lane of candidates[index] ?? []) {
          const state = states.get(lane);
          const isSure = state !== undefined && isVouchedFor(state.mark, evidence);
          const referral = isSure ? state.referral : await this.#read(lane);
          if (referral?.externalReferenceId === externalId) {
            found.push(referral.id);
          }
        }
        this.#named.set(externalId, namedBy(found));
      }
    }
  }

  /** One that nothing vouches for: written since, or gone. */
  async #read(lane: string) {
    const read = await readSinglyFor(this.#edges, this.#run, lane, this.#readSingly);
    return read.ok ? read.value.referral : undefined;
  }

  /** Answers whether the upstream's filter can be believed; what it told until then stays told. */
  async #byFilter(ids: readonly string[]): Promise<boolean> {
    for (const externalId of ids) {
      const literal = externalId.replaceAll("'", "''");
      const { turn, stopping, id } = this.#run;
      const page = await readPatiently(this.#edges, {
        turn,
        stopping,
        call: (signal) =>
          firstPage(this.#edges, { filter: `externalReferenceId eq '${literal}'` }, signal),
        onSent: () => this.#edges.work.noteCalls([id], 1),
      });
      if (!page.ok) {
        return false;
      }
      const { referrals, unreadableCount } = page.value;
      const isMeant = (text: unknown): boolean =>
        typeof text === "string" && text.toLowerCase() === externalId.toLowerCase();
      if (
        unreadableCount > 0 ||
        !referrals.every(({ externalReferenceId }) => isMeant(externalReferenceId))
      ) {
        return false;
      }
      await this.#edges.known.putMany(referrals, this.#edges.now());
      const exact = referrals.filter((each) => each.externalReferenceId === externalId);
      for (const { id: referralId, eTag } of exact) {
        if (typeof eTag === "string") {
          this.#readSingly.set(laneName(referralId), eTag);
        }
      }
      this.#named.set(externalId, namedBy(exact.map((each) => each.id)));
    }
    return true;
  }

  #failRest(ids: readonly string[], failure: PartnerCenterError | undefined): void {
    const isDenied = failure?.kind === "forbidden";
    const code = isDenied ? "ACCESS_DENIED" : "UPSTREAM_UNAVAILABLE";
    const words = "the referral list cannot be read to find the referral with this external id";
    const error =
      failure instanceof PartnerCenterError
        ? failureOf(code, words, failure)
        : ({ code, message: words } as const);
    for (const externalId of ids) {
      if (!this.#named.has(externalId)) {
        this.#named.set(externalId, { error: { ...error, path: PATH } });
      }
    }
  }
}

function namedBy(found: readonly string[]): Named {
  const [only] = found;
  if (only !== undefined && found.length === 1) {
    return { referralId: only };
  }
  const error: UpdateFailure =
    only === undefined
      ? {
          code: "REFERRAL_NOT_FOUND",
          message: "no referral has this external id",
          path: PATH,
        }
      : {
          code: "INVALID_CHANGE",
          message: `${found.length} referrals have this external id: name the one that is meant by its referralId`,
          path: PATH,
        };
  return { error };
}
