import type { Referral } from "@patchlane/referral-patch";
import { callerError } from "../errors.ts";
import type { Place } from "./cursor.ts";
import { type ListWindow, PAGE_SIZE, type ReadWindow } from "./list-window.ts";
import type { ListOrder } from "./order.ts";
import { timeKey } from "./time-key.ts";

/** Stretches read in search of a place: enough for a list that lost 100,000 before it. */
const MOST_READS = 20;
/** Stretches read to either side in search of the referral itself where many share its value. */
const MOST_READS_AMONG_EQUALS = 3;
/** How much further each step goes until it was too far; then the middle is tried. */
const STEP_GROWTH = 4;

/** A stretch of the list, and where in it what comes after the place begins. */
export interface Found {
  readonly window: ListWindow;
  readonly index: number;
}

/**
 * Finds what comes after a place, wherever it is by now: the list may have become longer or shorter before it, and the referral
 * that stood there may be gone. Looks where it was first, then by the order's value to either side.
 */
export async function findPlace(
  read: ReadWindow,
  { place, order, skip, wanted }: SearchOptions,
): Promise<Found> {
  let window = await read(skip, wanted);
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  let step = PAGE_SIZE;
  for (let reads = 1; reads < MOST_READS; reads++) {
    const found = lookFor(place, order, window);
    if (typeof found === "object") {
      return found.isItself
        ? { window, index: found.index }
        : ((await lookAmongEquals(read, place, order, { window, ...found })) ?? {
            window,
            index: found.index,
          });
    }
    if (found === "before") {
      high = window.skip;
      if (low >= high) {
        return { window, index: 0 };
      }
    } else {
      low = window.skip + window.size;
      high = low > high ? Number.POSITIVE_INFINITY : high; // it changed while we searched
    }
    window = await read(nextSkip(low, high, step), PAGE_SIZE);
    step *= STEP_GROWTH;
  }
  throw callerError(
    "SERVICE_UNAVAILABLE",
    "the list changes too much to find this cursor's place; begin again without after",
  );
}

/**
 * The referral itself, where others of its value reach beyond a window in which it is not; undefined when it is nowhere near, and so
 * taken for gone.
 */
async function lookAmongEquals(
  read: ReadWindow,
  place: Place,
  order: ListOrder,
  { window, mayBeBefore, mayBeBehind }: { window: ListWindow } & Look,
): Promise<Found | undefined> {
  let at = window;
  let goesOn = mayBeBefore;
  for (let reads = 0; goesOn && reads < MOST_READS_AMONG_EQUALS; reads++) {
    const skip = Math.max(0, at.skip - PAGE_SIZE);
    at = await read(skip, at.skip - skip);
    const found = lookFor(place, order, at);
    if (typeof found === "object" && found.isItself) {
      return { window: at, index: found.index };
    }
    goesOn = found === "before" || (typeof found === "object" && found.mayBeBefore);
  }
  at = window;
  goesOn = mayBeBehind;
  for (let reads = 0; goesOn && reads < MOST_READS_AMONG_EQUALS; reads++) {
    at = await read(at.skip + at.size, PAGE_SIZE);
    const found = lookFor(place, order, at);
    if (typeof found === "object" && found.isItself) {
      return { window: at, index: found.index };
    }
    goesOn = found === "behind" || (typeof found === "object" && found.mayBeBehind);
  }
  return undefined;
}

/** Where to look next for what lies between: forward, back, or, when both sides are known, in the middle. */
function nextSkip(low: number, high: number, step: number): number {
  if (high === Number.POSITIVE_INFINITY) {
    return low + step - PAGE_SIZE;
  }
  return low === 0
    ? Math.max(0, high - step)
    : Math.max(low, Math.floor((low + high - PAGE_SIZE) / 2));
}

export interface SearchOptions {
  readonly place: Place;
  readonly order: ListOrder;
  /** Where to begin, and how much is wanted from there. */
  readonly skip: number;
  readonly wanted: number;
}

/** A look at a window in which the place is. */
interface Look {
  /** Where what comes after it begins. */
  readonly index: number;
  /** Whether the referral was seen; if not, it is gone, or among those of its value beyond the window. */
  readonly isItself: boolean;
  readonly mayBeBefore: boolean;
  readonly mayBeBehind: boolean;
}

/** Looks for the place in a window; on which side of it it is when it is not within. */
function lookFor(
  { id, value, offset }: Place,
  { property, isDescending }: ListOrder,
  { referrals, skip, size, hasMore }: ListWindow,
): Look | "before" | "behind" {
  // With another value it has moved, and does not show where it was.
  const itself = referrals.findIndex(
    (referral) => referral.id === id && sortValue(referral) === value,
  );
  if (itself !== -1) {
    return { index: itself + 1, isItself: true, mayBeBefore: false, mayBeBehind: false };
  }
  if (size === 0) {
    const nowhere = { index: 0, isItself: false, mayBeBefore: false, mayBeBehind: false };
    return skip === 0 ? nowhere : "before";
  }
  const key = timeKey(value);
  const sides = referrals.map((referral) => {
    const other = timeKey(sortValue(referral));
    const side =
      key === undefined || other === undefined || other === key ? 0 : other < key ? -1 : 1;
    return isDescending ? -side : side;
  });
  const firstBehind = indexOr(
    sides.findIndex((side) => side > 0),
    referrals.length,
  );
  const firstEqual = indexOr(
    sides.findIndex((side) => side >= 0),
    referrals.length,
  );
  if (firstBehind === 0 && skip > 0) {
    return "before";
  }
  if (firstEqual === referrals.length && hasMore !== false) {
    return "behind";
  }
  return {
    // If it is gone: among those with its value its successor has its number now.
    index: Math.min(Math.max(offset - skip, firstEqual), firstBehind),
    isItself: false,
    mayBeBefore: firstEqual === 0 && skip > 0,
    mayBeBehind: firstBehind === referrals.length && hasMore !== false,
  };

  function sortValue(referral: Referral): string | null {
    return referral[property] ?? null;
  }
}

function indexOr(index: number, otherwise: number): number {
  return index === -1 ? otherwise : index;
}
