import { SEND_AS_TEXT } from "../schema/exact-numbers.ts";
import type { InputIssue } from "../submit/parse-request.ts";
import { hasInexactNumber } from "./inexact-number.ts";
import { type Line, LineSplitter } from "./line-splitter.ts";
import { nearest } from "./nearest.ts";
import { resultMembers } from "./result-members.ts";
import {
  LONGEST_ROW_BYTES,
  type ReadRow,
  type RowReader,
  type RowRequest,
  startOf,
  TOO_LONG,
} from "./row-request.ts";

const MEMBERS = ["referralId", "externalReferenceId", "changes", "patch", "ifMatch"] as const;
/** With those that results add: recognised, so that results can be handed in again, and ignored. */
const KNOWN: ReadonlySet<string> = new Set([...MEMBERS, ...resultMembers]);

/** Reads one JSON object a line (NDJSON, JSON Lines); empty lines do not count. Nothing a line holds refuses the others. */
export class NdjsonRows implements RowReader {
  readonly #lines = new LineSplitter(LONGEST_ROW_BYTES);
  #isAtStart = true;

  async read(chunk: Buffer): Promise<Iterable<ReadRow>> {
    return this.#rows(this.#lines.split(chunk));
  }

  async end(): Promise<Iterable<ReadRow>> {
    return this.#rows(this.#lines.end());
  }

  columns(): undefined {
    return undefined;
  }

  *#rows(lines: Iterable<Line>): Iterable<ReadRow> {
    for (const line of lines) {
      const text = this.#isAtStart ? line.text.replace(/^\ufeff/, "") : line.text;
      this.#isAtStart = false;
      if (line.isCut || /[^\s]/.test(text)) {
        yield rowOf({ ...line, text });
      }
    }
  }
}

function rowOf({ text, bytes, isCut }: Line): ReadRow {
  if (isCut) {
    return { request: {}, issues: [TOO_LONG], input: () => ({ line: startOf(text) }), bytes };
  }
  const { request, issues } = parseLine(text);
  const input = () => ({ line: text.replace(/\r$/, "") });
  return issues === undefined ? { request, input, bytes } : { request, issues, input, bytes };
}

function parseLine(text: string): { request: RowRequest; issues?: readonly InputIssue[] } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return refuse(notJson(error));
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return refuse("Expected a JSON object");
  }
  const request: RowRequest = value;
  if (hasInexactNumber(text)) {
    return refuse(SEND_AS_TEXT, request);
  }
  const issues = Object.keys(value)
    .filter((name) => !KNOWN.has(name))
    .map(unknownMember);
  return issues.length === 0 ? { request } : { request, issues };
}

function refuse(message: string, request: RowRequest = {}) {
  return { request, issues: [{ code: "INVALID_VALUE", path: "", message }] };
}

function unknownMember(name: string): InputIssue {
  const meant = nearest(name, MEMBERS);
  const hint = meant === undefined ? "" : `; is ${JSON.stringify(meant)} meant?`;
  const shown = name.slice(0, 64);
  return {
    code: "UNKNOWN_FIELD",
    path: `/${shown.replaceAll("~", "~0").replaceAll("/", "~1")}`,
    message: `${JSON.stringify(shown)} is not a member of a row${hint}`,
  };
}

/** The engine's own words quote the text; only the place is taken from them. */
function notJson(error: unknown): string {
  const [, position] = /at position (\d+)/.exec(String(error)) ?? [];
  return position === undefined
    ? "The line is not JSON, or ends too early"
    : `The line is not JSON from character ${Number(position) + 1} on`;
}
