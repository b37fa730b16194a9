import type { UpstreamReferral } from "../upstream.ts";
import type { Finding } from "./findings.ts";
import { groupOf, isSymmetric, landingsOf } from "./folds.ts";
import { isApplied, type Judged, type LaneLog, type Write } from "./lane-log.ts";

/** What a scenario may do to the truth, or to what is counted. */
export interface Leniency {
  /** Updates may end FAILED without being poisonous. */
  readonly mayFail: boolean;
  /** Updates may end CANCELLED. */
  readonly mayCancel: boolean;
  /** Somebody else writes the notes as well. */
  readonly hasForeignNotes: boolean;
  /** Attempts begun by a process that died before it sent: more than the upstream saw. */
  readonly uncountedAttempts: number;
}

/** Compares what callers are told about one referral's updates with what the upstream saw and has. */
export function checkLane(
  lane: LaneLog,
  truth: UpstreamReferral,
  leniency: Leniency,
): readonly Finding[] {
  return [
    ...lane.updates.flatMap((judged) => checkUpdate(lane, judged, leniency)),
    ...checkOrder(lane),
    ...checkTruth(lane, truth, leniency),
  ];
}

function checkUpdate(lane: LaneLog, judged: Judged, leniency: Leniency): Finding[] {
  const { update, fate } = judged;
  const about = `${update.id} (${update.token})`;
  if (update.isThere && fate?.state !== "CANCELLED") {
    return checkThere(lane, judged, leniency);
  }
  switch (fate?.state) {
    case "CANCELLED":
      return checkCancelled(lane, judged, leniency);
    case "APPLIED":
      return [...checkLanding(lane, judged), ...checkAttempts(lane, judged, leniency)];
    case "UNCHANGED":
      return wasWritten(lane, update.token)
        ? checkAttempts(lane, judged, leniency)
        : [{ kind: "lost", what: `${about} is UNCHANGED, but its value never was there` }];
    case "FAILED":
      return checkFailure(lane, judged, leniency);
    default:
      return [{ kind: "lost", what: `${about} is ${fate?.state ?? "unknown"}` }];
  }
}

function wasWritten(lane: LaneLog, token: string): boolean {
  return lane.applied.some(({ tokens }) => tokens.has(token));
}

/**
 * Nothing is written for what is there already. Whoever takes over a PATCH from a process that died in between knows what travelled in
 * it, not what of that was void: then it is APPLIED with the others.
 */
function checkThere(lane: LaneLog, { update, fate }: Judged, leniency: Leniency): Finding[] {
  const about = `${update.id} (${update.token})`;
  const mayBeTakenOver = leniency.uncountedAttempts > 0 && (fate?.mergedWith.length ?? 0) > 0;
  if (wasWritten(lane, update.token)) {
    return [{ kind: "wrongFate", what: `${about} was written, and was there before` }];
  }
  return fate?.state === "UNCHANGED" || (fate?.state === "APPLIED" && mayBeTakenOver)
    ? []
    : [{ kind: "wrongFate", what: `${about} is ${fate?.state}, and was there before` }];
}

function checkCancelled(lane: LaneLog, { update }: Judged, { mayCancel }: Leniency): Finding[] {
  const about = `${update.id} (${update.token})`;
  if (!mayCancel) {
    return [{ kind: "lost", what: `${about} is CANCELLED` }];
  }
  return wasWritten(lane, update.token)
    ? [{ kind: "traces", what: `${about} is CANCELLED, but its value was written` }]
    : [];
}

function checkLanding(lane: LaneLog, judged: Judged): Finding[] {
  const about = `${judged.update.id} (${judged.update.token})`;
  const group = groupOf(lane, judged);
  if (group === undefined || !isSymmetric(group)) {
    return [{ kind: "misfolded", what: `${about}: its companions do not all name each other` }];
  }
  if (!group.every(isApplied)) {
    return [{ kind: "misfolded", what: `${about} travelled with one that was not applied` }];
  }
  if (failureOf(judged) !== undefined && wasWritten(lane, judged.update.token)) {
    return [{ kind: "wrongFate", what: `${about} is APPLIED although the upstream refuses it` }];
  }
  if (landingsOf(lane, group).length > 0) {
    return [];
  }
  return wasWritten(lane, judged.update.token)
    ? [{ kind: "misfolded", what: `${about}: no applied PATCH carried just what mergedWith says` }]
    : [{ kind: "lost", what: `${about} is APPLIED without a trace upstream` }];
}

/** The code it must fail with; undefined when it must not fail. */
function failureOf({ update }: Judged): string | undefined {
  return update.failsWith ?? (update.isPoison ? "INVALID_CHANGE" : undefined);
}

function checkFailure(lane: LaneLog, judged: Judged, { mayFail }: Leniency): Finding[] {
  const { update, fate } = judged;
  const about = `${update.id} (${update.token})`;
  const findings: Finding[] = [];
  const expected = failureOf(judged);
  if (expected !== undefined) {
    if (fate?.error?.code !== expected) {
      findings.push({ kind: "wrongFate", what: `${about} FAILED with ${fate?.error?.code}` });
    }
    if ((fate?.mergedWith.length ?? 0) > 0) {
      findings.push({ kind: "misfolded", what: `${about} did not fail alone` });
    }
  } else if (!mayFail) {
    const { code, message } = fate?.error ?? { code: "no code", message: "" };
    findings.push({ kind: "wrongFate", what: `${about} FAILED with ${code}: ${message}` });
  }
  const isShared = lane.updates.some(
    (other) => other !== judged && other.update.token === update.token && isApplied(other),
  );
  const isUnknown = fate?.error?.code === "OUTCOME_UNKNOWN";
  if (!isShared && !isUnknown && wasWritten(lane, update.token)) {
    findings.push({ kind: "traces", what: `${about} FAILED, but its value was written` });
  }
  return findings;
}

/** Throttled and unauthorised writes are no attempts. */
function isAttempt({ request }: Write): boolean {
  const { status, retryAfterMs } = request;
  const isThrottled =
    status === 429 || status === 509 || (status === 503 && (retryAfterMs ?? 0) > 0);
  return !isThrottled && status !== 401;
}

function checkAttempts(lane: LaneLog, judged: Judged, leniency: Leniency): Finding[] {
  const { update, fate } = judged;
  const attempts = fate?.attempts ?? 0;
  const carried = lane.writes.filter((write) => isAttempt(write) && write.tokens.has(update.token));
  // Hidden by a later value in the same PATCH, or left out because the person is there already.
  const mayBeHidden =
    update.field !== "team" ||
    lane.updates.some((other) => other !== judged && other.update.token === update.token);
  const least = fate?.state === "APPLIED" ? 1 : 0;
  const seen = mayBeHidden ? lane.writes.filter(isAttempt) : carried;
  const most = seen.length + leniency.uncountedAttempts;
  if (attempts >= least && attempts <= most) {
    return [];
  }
  const what = `${update.id} (${update.token}): ${attempts} attempts, ${seen.length} writes seen`;
  return [{ kind: "miscounted", what }];
}

/** Effects begin in the order of acceptance, and no field goes back to an earlier value. */
function checkOrder(lane: LaneLog): Finding[] {
  const findings: Finding[] = [];
  let latest = -1;
  const seen = new Set<string>();
  for (const judged of lane.updates) {
    const { update } = judged;
    if (judged.fate?.state !== "APPLIED" || seen.has(update.token)) {
      continue;
    }
    seen.add(update.token);
    const at = takesEffectAt(lane, judged);
    if (at !== undefined && at < latest) {
      findings.push({ kind: "outOfOrder", what: `${update.token} before one accepted earlier` });
    }
    latest = Math.max(latest, at ?? latest);
  }
  const place = new Map(lane.updates.map(({ update }, i) => [update.token, { ...update, i }]));
  const highest = new Map<string, number>();
  for (const { tokens } of lane.applied) {
    for (const token of tokens) {
      const found = place.get(token);
      if (found === undefined || found.field === "team") {
        continue;
      }
      if (found.i < (highest.get(found.field) ?? -1)) {
        findings.push({ kind: "outOfOrder", what: `${token} written over a later value` });
      }
      highest.set(found.field, Math.max(found.i, highest.get(found.field) ?? -1));
    }
  }
  return findings;
}

/**
 * When an update first takes effect, as a place in the log: with the first applied write that carries its
 * value, or that of a companion which hides it.
 */
function takesEffectAt(lane: LaneLog, judged: Judged): number | undefined {
  const { update } = judged;
  const group = groupOf(lane, judged) ?? [judged];
  const after = group.slice(group.indexOf(judged) + 1);
  const hiders = update.field === "team" ? [] : after;
  const tokens = [judged, ...hiders.filter((later) => later.update.field === update.field)].map(
    (one) => one.update.token,
  );
  return lane.applied.find((write) => tokens.some((token) => write.tokens.has(token)))?.request.seq;
}

/** A referral's team is a log by itself: everybody stands in it once, in order. Of a field the last one stands. */
function checkTruth(
  lane: LaneLog,
  truth: UpstreamReferral,
  { hasForeignNotes }: Leniency,
): Finding[] {
  const findings: Finding[] = [];
  const emails = (truth.team ?? []).map(({ email }) => email ?? "");
  const added = new Set(
    lane.updates
      .filter((judged) => judged.update.field === "team" && isApplied(judged))
      .map(({ update }) => update.token),
  );
  for (const email of added) {
    const times = emails.filter((candidate) => candidate === email).length;
    const writes = lane.applied.filter(({ tokens }) => tokens.has(email)).length;
    if (times === 0) {
      findings.push({ kind: "lost", what: `${email} is not in the team` });
    } else if (times > 1 || writes > 1) {
      findings.push({ kind: "doubled", what: `${email}: ${times} in the team, ${writes} writes` });
    }
  }
  const positions = [...added].map((email) => emails.indexOf(email)).filter((at) => at >= 0);
  if (positions.some((at, i) => at < (positions[i - 1] ?? -1))) {
    findings.push({ kind: "outOfOrder", what: `the team of ${lane.referralId}` });
  }
  const values = { notes: truth.details?.notes, statusReason: truth.statusReason };
  for (const field of ["notes", "statusReason"] as const) {
    const last = lane.updates.findLast(
      (judged) => judged.update.field === field && isApplied(judged),
    )?.update.token;
    const isForeign = field === "notes" && hasForeignNotes;
    if (last !== undefined && !isForeign && values[field] !== last) {
      findings.push({ kind: "outOfOrder", what: `${field} is "${values[field]}", not "${last}"` });
    }
  }
  return findings;
}
