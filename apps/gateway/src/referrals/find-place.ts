import type { Referral } from "@patchlane/referral-patch";
import { callerError } from "../errors.ts";
import type { Place } from "./cursor.ts";
import { type ListWindow, PAGE_SIZE, type ReadWindow } from "./list-window.ts";
import type { ListOrder } from "./order.ts";
import { timeKey } from "./time-key.ts";

/** Stretches read in search of a place: enough for a list that lost 100,000 before it. */
const MOST_READS = 20;
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
    if (typeof found === "number") {
      return { window, index: found };
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

/** The index at which what comes after the place begins, or on which side of the window that is. */
function lookFor(
  { id, value, offset }: Place,
  { property, isDescending }: ListOrder,
  { referrals, skip, size, hasMore }: ListWindow,
): number | "before" | "behind" {
  // With another value it has moved, and does not show where it was.
  const itself = referrals.findIndex(
    (referral) => referral.id === id && sortValue(referral) === value,
  );
  if (itself !== -1) {
    return itself + 1;
  }
  if (size === 0) {
    return skip === 0 ? 0 : "before";
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
  // It is gone. Among those with its value its successor has its number now.
  return Math.min(Math.max(offset - skip, firstEqual), firstBehind);

  function sortValue(referral: Referral): string | null {
    return referral[property] ?? null;
  }
}

function indexOr(index: number, otherwise: number): number {
  return index === -1 ? otherwise : index;
}
