import { filterProblem } from "./filter-problem.ts";

/** Longest filter, in characters: some 40 comparisons; the upstream's URL has to hold it. */
export const MAX_FILTER_LENGTH = 2_000;

export interface Token {
  /** `word`: field, operator, keyword. `bare`: number or date-time. `text`: with its outer quotes off and `''` read as `'`. */
  readonly kind: "word" | "bare" | "text" | "open" | "close" | "end";
  readonly text: string;
  /** Characters before it. */
  readonly at: number;
}

const SPACE = /[ \t\r\n]*/y;
const TOKEN =
  /(?<word>[A-Za-z_]\w*(?:[./][A-Za-z_]\w*)*)|(?<bare>[+-]?\d[\w:.+-]*)|'(?<text>(?:[^']|'')*)'|(?<open>\()|(?<close>\))/y;
/** What may follow a word, a value or a text. */
const DELIMITER = /[ \t\r\n()]|$/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/** Cuts a filter into tokens one after the other, for ever `end` after the last. Throws BAD_USER_INPUT where it cannot. */
export function tokensOf(filter: string): () => Token {
  if (filter.length > MAX_FILTER_LENGTH) {
    throw filterProblem(MAX_FILTER_LENGTH, `longer than ${MAX_FILTER_LENGTH} characters`);
  }
  let next = 0;
  return () => {
    const at = endOf(SPACE, filter, next);
    if (at === filter.length) {
      return { kind: "end", text: "", at };
    }
    const token = tokenAt(filter, at);
    next = TOKEN.lastIndex;
    return token;
  };
}

function tokenAt(filter: string, at: number): Token {
  TOKEN.lastIndex = at;
  const groups = TOKEN.exec(filter)?.groups;
  const [kind, text] = Object.entries(groups ?? {}).find(([, found]) => found !== undefined) ?? [];
  if (kind === undefined || text === undefined) {
    throw filterProblem(at, problemAt(filter, at));
  }
  const isDelimited = kind === "open" || kind === "close";
  if (!isDelimited && endOf(DELIMITER, filter, TOKEN.lastIndex) === -1) {
    const hint = kind === "text" ? "; a quote within a text is written twice" : "";
    throw filterProblem(TOKEN.lastIndex, `expected a space or a parenthesis${hint}`);
  }
  if (kind === "text") {
    checkText(text, at + 1);
  }
  return { kind: kind as Token["kind"], at, text: text.replaceAll("''", "'") };
}

function problemAt(filter: string, at: number): string {
  return filter[at] === "'"
    ? "this text has no closing quote"
    : "expected a field, a value, a keyword or a parenthesis; texts stand in single quotes (')";
}

function checkText(text: string, at: number): void {
  const control = text.search(CONTROL);
  if (control !== -1) {
    throw filterProblem(at + control, "control characters and line breaks cannot be searched for");
  }
  if (!text.isWellFormed()) {
    throw filterProblem(at, "this text has half a character (a lone surrogate)");
  }
}

/** Where a match that begins at `at` ends; -1 when there is none. */
function endOf(pattern: RegExp, filter: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(filter) ? pattern.lastIndex : -1;
}
