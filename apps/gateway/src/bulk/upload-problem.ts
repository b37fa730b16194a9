/** Where in an upload something was found. Everything counts from 1, but for `offset`. */
export interface Place {
  /** Line of the text, the header being line 1. */
  readonly line?: number;
  /** Column of the CSV (not character). */
  readonly column?: number;
  /** Data row, the header not counted. */
  readonly row?: number;
  /** Byte of the body (after decompression), from 0. */
  readonly offset?: number;
}

export type UploadProblemCode =
  | "INVALID_OPTION"
  | "UNSUPPORTED_MEDIA_TYPE"
  | "INVALID_ENCODING"
  | "INVALID_HEADER"
  | "INVALID_CSV"
  | "EMPTY_INPUT"
  | "TRUNCATED"
  | "PAYLOAD_TOO_LARGE"
  | "TOO_MANY_ROWS"
  | "IDEMPOTENCY_MISMATCH"
  | "TAKEN_OVER"
  | "SERVICE_UNAVAILABLE"
  | "INTERNAL_SERVER_ERROR";

const STATUS = {
  INVALID_OPTION: 400,
  UNSUPPORTED_MEDIA_TYPE: 415,
  INVALID_ENCODING: 400,
  INVALID_HEADER: 400,
  INVALID_CSV: 400,
  EMPTY_INPUT: 400,
  TRUNCATED: 400,
  PAYLOAD_TOO_LARGE: 413,
  TOO_MANY_ROWS: 413,
  IDEMPOTENCY_MISMATCH: 409,
  TAKEN_OVER: 409,
  SERVICE_UNAVAILABLE: 503,
  INTERNAL_SERVER_ERROR: 500,
} as const satisfies Record<UploadProblemCode, number>;

/** Thrown when an upload is refused as a whole: nothing of it will run. The message is for the sender and quotes no values. */
export class UploadProblem extends Error {
  override readonly name = "UploadProblem";
  readonly code: UploadProblemCode;
  readonly place: Place;

  constructor(code: UploadProblemCode, message: string, place: Place = {}) {
    super(message);
    this.code = code;
    this.place = place;
  }

  /** HTTP status. */
  get status(): number {
    return STATUS[this.code];
  }
}
