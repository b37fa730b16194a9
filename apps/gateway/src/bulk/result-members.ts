/**
 * What a results file says about a row, beside what was handed in: columns of results.csv, in this order, and members of
 * results.ndjson. An input may have them (results that are handed in again): they are ignored.
 */
export const resultColumns = [
  "rowNumber",
  "updateId",
  "state",
  "failureCode",
  "failureMessage",
  "failurePath",
  "sentPatch",
  "requestId",
  "clientRequestId",
  "etag",
  "resolvedReferralId",
  /** Of a row that could not be read at all: its text. */
  "inputLine",
] as const;

/** The same for a line of results.ndjson. */
export const resultMembers = [
  "rowNumber",
  "updateId",
  "state",
  "resolvedReferralId",
  "error",
  "sentPatch",
  "requestId",
  "clientRequestId",
  "etag",
  "attempts",
  /** Of a row that could not be used and is no object: its cells, or its text. */
  "input",
] as const;
