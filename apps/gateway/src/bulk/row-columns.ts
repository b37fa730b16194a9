import type { NewBulkRow } from "@patchlane/update-queue";
import { cellsOfRow } from "./row-cells.ts";

const NOTHING = { changes: {} };

/** The CSV columns that it takes to write down rows which did not come as CSV, in the order they turn up. */
export class RowColumns {
  readonly #names = new Set<string>();

  note(row: NewBulkRow): void {
    const { referralId = "" } = row;
    const intent = row.kind === "update" ? row.intent : NOTHING;
    for (const name in cellsOfRow({ ...row, referralId, intent })) {
      this.#names.add(name);
    }
  }

  names(): string[] {
    return [...this.#names];
  }
}
