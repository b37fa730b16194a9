/** Thrown for a cursor that is none of the list it is used for, or no longer: its entry's retention is over. */
export class UnknownCursorError extends Error {
  override readonly name = "UnknownCursorError";

  constructor() {
    super("the cursor is none of this list, or its entry is gone");
  }
}
