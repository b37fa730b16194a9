import type { Referral } from "@patchlane/referral-patch";
import type { ReadWindow } from "../../src/referrals/list-window.ts";
import type { ListOrder } from "../../src/referrals/order.ts";

/** An upstream list in memory, for many small experiments: ordered as asked, whole pages of 100. */
export class ChangingList {
  #referrals: Referral[] = [];
  #lastId = 0;
  #lastSecond = 0;
  reads = 0;

  /** Adds one; created and changed now, unless told otherwise. */
  add(createdSecond = ++this.#lastSecond): string {
    const id = `r${++this.#lastId}`;
    const at = timeOf(createdSecond);
    this.#referrals.push({ id, status: "New", createdDateTime: at, updatedDateTime: at });
    return id;
  }

  /** Adds so many, one a second. */
  addMany(count: number): string[] {
    return Array.from({ length: count }, () => this.add());
  }

  remove(...ids: readonly string[]): void {
    const gone = new Set(ids);
    this.#referrals = this.#referrals.filter(({ id }) => !gone.has(id));
  }

  change(id: string): void {
    const updatedDateTime = timeOf(++this.#lastSecond);
    this.#referrals = this.#referrals.map((referral) =>
      referral.id === id ? { ...referral, updatedDateTime } : referral,
    );
  }

  get ids(): string[] {
    return this.#referrals.map(({ id }) => id);
  }

  reader({ property, isDescending }: ListOrder): ReadWindow {
    return async (skip, wanted) => {
      this.reads += 1;
      const all = this.#referrals.toSorted((a, b) =>
        String(a[property]) < String(b[property]) ? -1 : a[property] === b[property] ? 0 : 1,
      );
      const ordered = isDescending ? all.reverse() : all;
      const size = Math.min(wanted, 100);
      const referrals = ordered.slice(skip, skip + size);
      const isCut = wanted < 100 && referrals.length === wanted;
      const hasMore = isCut ? undefined : ordered.length > skip + size;
      return { skip, referrals, size: referrals.length, hasMore, totalCount: undefined };
    };
  }
}

function timeOf(second: number): string {
  return new Date(Date.UTC(2026, 0, 1) + second * 1_000).toISOString();
}
