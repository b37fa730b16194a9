import { fieldType, nearestField } from "./filter-fields.ts";
import { readLiteral } from "./filter-literal.ts";
import { filterProblem } from "./filter-problem.ts";
import { type Token, tokensOf } from "./filter-tokens.ts";
import { type FilterTree, join, OPERATORS, type Operator, printFilter } from "./filter-tree.ts";

/** Most comparisons: more cannot be meant, and each costs the upstream. */
const MAX_COMPARISONS = 50;
/** Deepest nesting of parentheses and `not`; keeps the parser's stack small. */
const MAX_NESTING = 10;
/** Longest filter as it stands in a URL, in bytes: servers commonly take 8 KiB for everything. */
const MAX_ENCODED_LENGTH = 6_000;

const KEYWORDS: readonly string[] = ["and", "or", "not", "true", "false", "null", ...OPERATORS];

/**
 * Reads a filter:
 *
 *     filter     = all { "or" all }
 *     all        = one { "and" one }
 *     one        = "not" one | "(" filter ")" | field operator literal
 *
 * Throws BAD_USER_INPUT that tells what is wrong and where. What comes out is printed anew for the upstream: nothing
 * of the text itself goes on.
 */
export function parseFilter(filter: string): FilterTree {
  const nextToken = tokensOf(filter);
  let ahead = nextToken();
  let comparisons = 0;
  const take = (): Token => {
    const token = ahead;
    ahead = nextToken();
    return token;
  };
  const takeWord = (word: string): boolean => {
    const isNext = ahead.kind === "word" && ahead.text === word;
    if (isNext) {
      take();
    }
    return isNext;
  };

  const any = (nesting: number): FilterTree => {
    const terms = [all(nesting)];
    while (takeWord("or")) {
      terms.push(all(nesting));
    }
    return join("or", terms);
  };

  const all = (nesting: number): FilterTree => {
    const terms = [one(nesting)];
    while (takeWord("and")) {
      terms.push(one(nesting));
    }
    return join("and", terms);
  };

  const one = (nesting: number): FilterTree => {
    if (nesting > MAX_NESTING) {
      throw filterProblem(ahead.at, `nested deeper than ${MAX_NESTING} levels`);
    }
    if (takeWord("not")) {
      return { kind: "not", term: one(nesting + 1) };
    }
    if (ahead.kind === "open") {
      take();
      const inner = any(nesting + 1);
      const close = take();
      if (close.kind !== "close") {
        throw filterProblem(close.at, "expected and, or, or a closing parenthesis");
      }
      return inner;
    }
    return comparison();
  };

  const comparison = (): FilterTree => {
    const name = take();
    const { field, type } = readField(name);
    const operator = readOperator(take());
    const value = take();
    const literal = readLiteral(type, operator, value);
    comparisons += 1;
    if (comparisons > MAX_COMPARISONS) {
      throw filterProblem(name.at, `more than ${MAX_COMPARISONS} comparisons`);
    }
    return { kind: "comparison", field, operator, literal };
  };

  const tree = any(0);
  if (ahead.kind !== "end") {
    throw filterProblem(ahead.at, "expected and, or, or the end");
  }
  if (encodeURIComponent(printFilter(tree)).length > MAX_ENCODED_LENGTH) {
    throw filterProblem(filter.length, "too long for a URL");
  }
  return tree;
}

function readField({ kind, text, at }: Token) {
  if (kind !== "word" || KEYWORDS.includes(text)) {
    throw filterProblem(at, "expected a field, such as customerProfile/address/country");
  }
  const field = text.replaceAll(".", "/");
  const type = fieldType(field);
  if (type === undefined) {
    const meant = nearestField(text);
    const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
    throw filterProblem(at, `no field that can be filtered by${hint}`);
  }
  return { field, type };
}

function readOperator({ kind, text, at }: Token): Operator {
  const operator = OPERATORS.find((known) => kind === "word" && known === text);
  if (operator === undefined) {
    throw filterProblem(at, `expected an operator: ${OPERATORS.join(", ")}`);
  }
  return operator;
}
