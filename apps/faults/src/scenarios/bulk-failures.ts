import { isOver } from "../bulk/check-bulk.ts";
import type { PlannedRow } from "../bulk/plan-rows.ts";
import { changesOf, type Effect, POISON } from "../load.ts";
import type { Scenario, Stage } from "../scenario.ts";
import { until } from "../sleep.ts";
import type { UpstreamReferral } from "../upstream.ts";
import { WRITES } from "./answers.ts";

/** ms until a row is given up whose referral the upstream always fails for: two to three minutes, and the rest. */
const FAILING_MS = 420_000;
const RETRY_MS = 120_000;

const NOBODY = "0f0e0d0c-0b0a-4908-8706-050403020100";
const NOT_YET = "CRM-NOT-YET";
const STALE = '"00000000-0000-0000-0000-000000000000"';

/** Failures whose cause can be taken away. */
const CURABLE = new Set(["REFUSED", "FORBIDDEN", "DOWN", "NOBODY", "NOT_YET"]);

/** The referrals that something is wrong with; the last ones, for special rows alone. */
function specialReferrals(referrals: readonly UpstreamReferral[]) {
  const [refused, forbidden, down, stale, notYet, closed] = [
    ...referrals.slice(-5),
    referrals.slice(0, -5).find(({ status }) => status === "Closed"),
  ];
  if (!refused || !forbidden || !down || !stale || !notYet || !closed) {
    throw new Error("the simulator has too few referrals, or none that is Closed");
  }
  return { refused, forbidden, down, stale, notYet, closed };
}

function row(
  { id }: UpstreamReferral,
  failsWith: string,
  token: string,
  more: object = {},
  changes: object = {},
): PlannedRow {
  const effect: Effect = { field: "notes", token, isPoison: false };
  const allChanges = { ...(changesOf(effect) as object), ...changes };
  return {
    item: { referralId: id, ...more, changes: allChanges },
    referralId: id,
    effect,
    failsWith,
  };
}

function rowsThatFail(referrals: readonly UpstreamReferral[]): PlannedRow[] {
  const { refused, forbidden, stale, notYet, closed } = specialReferrals(referrals);
  /** Finds its referral only once the cause is gone. */
  const lost = (token: string, address: object, laterFinds: string): PlannedRow => {
    const effect: Effect = { field: "notes", token, isPoison: false };
    return {
      item: { ...address, changes: changesOf(effect) },
      laterFinds,
      effect,
      failsWith: "REFERRAL_NOT_FOUND",
    };
  };
  return [
    row(refused, "INVALID_CHANGE", `${POISON}-REFUSED`),
    row(forbidden, "ACCESS_DENIED", "FORBIDDEN"),
    row(stale, "CONFLICT", "STALE", { ifMatch: STALE }),
    row(closed, "INVALID_TRANSITION", "CLOSED", {}, { status: "New", substatus: "Pending" }),
    lost("NOBODY", { referralId: NOBODY }, NOBODY),
    lost("NOT_YET", { externalReferenceId: NOT_YET }, notYet.id),
    { item: "{ this is no JSON", failsWith: "INVALID_CHANGE" },
    { item: { changes: { name: "nobody's" } }, failsWith: "INVALID_CHANGE" },
    { item: { referralId: stale.id, changes: { colour: "red" } }, failsWith: "INVALID_CHANGE" },
  ];
}

async function makeTrouble({ upstream, bulkReferrals }: Stage, isOneDown: boolean): Promise<void> {
  const { forbidden, down } = specialReferrals(bulkReferrals);
  const always500 = {
    match: { ...WRITES, referralId: down.id },
    fault: { kind: "status", status: 500 },
  };
  await upstream.misbehave([
    { match: { ...WRITES, bodyPattern: POISON }, fault: { kind: "status", status: 400 } },
    { match: { ...WRITES, referralId: forbidden.id }, fault: { kind: "status", status: 403 } },
    ...(isOneDown ? [always500] : []),
  ]);
}

/** The causes are gone: only what failed is sent again, and what can be applied is. */
async function retry(stage: Stage): Promise<void> {
  const { bulk, bulkReferrals, upstream, broken, note } = stage;
  const [handedIn] = bulk.handedIn;
  if (handedIn === undefined) {
    return;
  }
  const { id, rows } = handedIn;
  const before = await upstream.requests();
  await upstream.behave();
  await upstream.put(NOBODY, { ...bulkReferrals[0], name: "Somebody after all", team: [] });
  await upstream.change([specialReferrals(bulkReferrals).notYet.id], {
    op: "replace",
    path: "/externalReferenceId",
    value: NOT_YET,
  });
  bulk.expectCured(({ effect }) => CURABLE.has(effect?.token.replace(`${POISON}-`, "") ?? ""));
  await bulk.gateway.act("retry", id);
  const isEnded = await until(async () => {
    const view = await bulk.gateway.view(id);
    return view !== undefined && view !== "gone" && isOver(view);
  }, RETRY_MS);
  if (!isEnded) {
    broken("a retried bulk update did not end");
  }
  const failed = new Set(
    rows.flatMap(({ effect, failsWith }) => (effect && failsWith ? [effect.token] : [])),
  );
  const writes = (await upstream.requests())
    .slice(before.length)
    .filter(({ method }) => method === "PATCH");
  const strangers = writes.filter(({ body }) => {
    const text = JSON.stringify(body);
    return ![...failed].some((token) => text.includes(token));
  });
  note(`${writes.length} writes of a retry of ${failed.size} rows`);
  if (strangers.length > 0) {
    broken(`a retry wrote what had not failed: ${JSON.stringify(strangers[0]?.body)}`);
  }
}

async function failAndRetry(stage: Stage, isOneDown: boolean): Promise<void> {
  await makeTrouble(stage, isOneDown);
  await stage.submitted;
  if (!(await stage.bulk.untilOver(FAILING_MS))) {
    stage.broken("a bulk update with failing rows did not end");
    return;
  }
  await stage.bulk.collect(); // each row has failed with its own code
  await retry(stage);
}

/** Rows that fail, each for a reason of its own. */
export const bulkFailureScenarios: readonly Scenario[] = [
  {
    name: "bulk: rows that fail, each in its own way, and a retry when the causes are gone",
    bulk: { rows: 300, special: rowsThatFail },
    isLasting: true,
    trouble: (stage) => failAndRetry(stage, false),
  },
  {
    name: "bulk: the same, and a referral the upstream always fails for",
    bulk: {
      rows: 300,
      special: (referrals) => [
        ...rowsThatFail(referrals),
        row(specialReferrals(referrals).down, "UPSTREAM_UNAVAILABLE", "DOWN"),
      ],
    },
    isLasting: true,
    trouble: (stage) => failAndRetry(stage, true),
  },
];
