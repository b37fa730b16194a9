import type { Judged, LaneLog, Write } from "./lane-log.ts";

/*
 * Pending updates of one referral may leave as one PATCH; `mergedWith` on each then names the others. Of two
 * that set the same field only the later one's value is in the body. So an update's group is itself and its
 * companions, and its landing is the applied write that carried exactly that group.
 */

/** An update's group, in the order of acceptance; undefined when it names a companion that is not of its lane. */
export function groupOf(lane: LaneLog, judged: Judged): readonly Judged[] | undefined {
  const ids = new Set([judged.update.id, ...(judged.fate?.mergedWith ?? [])]);
  const group = lane.updates.filter(({ update }) => ids.has(update.id));
  return group.length === ids.size ? group : undefined;
}

/** Whether everybody in the group names exactly the others. */
export function isSymmetric(group: readonly Judged[]): boolean {
  return group.every(({ update, fate }) => {
    const named = new Set(fate?.mergedWith);
    const others = group.filter((other) => other.update.id !== update.id);
    return named.size === others.length && others.every((other) => named.has(other.update.id));
  });
}

/**
 * The values that one PATCH with this group must carry: a later one hides an earlier one of the same field, and what is there already
 * is left out.
 */
function visibleTokens(group: readonly Judged[]): Set<string> {
  const tokens = new Set<string>();
  for (const [at, { update }] of group.entries()) {
    const isHidden =
      update.field !== "team" &&
      group.slice(at + 1).some((later) => later.update.field === update.field);
    if (!isHidden && !update.isThere) {
      tokens.add(update.token);
    }
  }
  return tokens;
}

/**
 * The applied writes that carried this group and nothing else of the lane. A person whom another update adds
 * as well may be left out: there already.
 */
export function landingsOf(lane: LaneLog, group: readonly Judged[]): Write[] {
  const visible = visibleTokens(group);
  const mine = new Set(group.map(({ update }) => update.token));
  const all = new Set(lane.updates.map(({ update }) => update.token));
  const elsewhere = new Set(
    lane.updates.filter((judged) => !group.includes(judged)).map(({ update }) => update.token),
  );
  return lane.applied.filter(({ tokens }) => {
    const ofLane = [...tokens].filter((token) => all.has(token));
    const isComplete = [...visible].every((token) => tokens.has(token) || elsewhere.has(token));
    return ofLane.length > 0 && isComplete && ofLane.every((token) => mine.has(token));
  });
}
