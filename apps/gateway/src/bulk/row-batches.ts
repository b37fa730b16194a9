import type { BulkIntake, NewBulkRow } from "@patchlane/update-queue";

/** Rows and bytes of input in one write to Redis: short enough that interactive callers are served between two. */
const MOST_ROWS = 500;
const MOST_BYTES = 262_144;
/** Batches under way at a time: while one travels, the next is made ready. */
const MOST_UNDER_WAY = 3;

/** Gathers rows into batches and hands these to an intake, in order, no faster than it takes them. */
export class RowBatches {
  readonly #intake: Pick<BulkIntake, "add">;
  #rows: NewBulkRow[] = [];
  #bytes = 0;
  /** The oldest first; each is done when those before it are. */
  readonly #underWay: Promise<void>[] = [];

  constructor(intake: Pick<BulkIntake, "add">) {
    this.#intake = intake;
  }

  /** Takes a row. A promise means: wait for it before the next one. It rejects when a batch was not taken. */
  push(row: NewBulkRow, bytes: number): Promise<void> | undefined {
    this.#rows.push(row);
    this.#bytes += bytes;
    if (this.#rows.length < MOST_ROWS && this.#bytes < MOST_BYTES) {
      return undefined;
    }
    this.#send();
    return this.#underWay.length < MOST_UNDER_WAY ? undefined : this.#underWay.shift();
  }

  /** Resolves when every row is durable. */
  async flush(): Promise<void> {
    if (this.#rows.length > 0) {
      this.#send();
    }
    await Promise.all(this.#underWay);
  }

  #send(): void {
    const sent = this.#intake.add(this.#rows);
    sent.catch(() => {}); // met by whoever waits for it
    this.#underWay.push(sent);
    this.#rows = [];
    this.#bytes = 0;
  }
}
