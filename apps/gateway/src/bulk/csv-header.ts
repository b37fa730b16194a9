import { type InputColumn, ignoredColumns, inputColumns } from "./input-columns.ts";
import { nearest } from "./nearest.ts";
import { UploadProblem } from "./upload-problem.ts";

/** What a header says: the column of each cell, undefined for one that is ignored. */
export type ColumnPlan = readonly (InputColumn | undefined)[];

const SEPARATORS = [",", ";", "\t"] as const;
export type Separator = (typeof SEPARATORS)[number];

/** Findings named in one refusal. */
const MOST_NAMED = 5;
/** Characters of an unknown name that are quoted. */
const MOST_QUOTED = 64;

const ALL_NAMES = [...inputColumns.keys()];

/** The separator a header line is written with: the one that stands in it most often, `,` when none does. */
export function separatorOf(headerLine: string): Separator {
  const bare = headerLine.replace(/"[^"]*"/g, "");
  const count = (separator: string): number => bare.split(separator).length;
  return SEPARATORS.reduce((best, next) => (count(next) > count(best) ? next : best));
}

/**
 * Compiles a header once, so that rows are read without looking at names again. Throws {@link UploadProblem} that names every
 * column that is wrong (at most {@link MOST_NAMED}) and the place of the first.
 */
export function compileHeader(names: readonly string[], line: number): ColumnPlan {
  const problems = names.flatMap((name, index) => {
    const message = problemOf(name, names.indexOf(name), index);
    return message === undefined ? [] : [{ column: index + 1, message }];
  });
  const [first] = problems;
  if (first !== undefined) {
    const said = problems.slice(0, MOST_NAMED).map(({ message }) => message);
    const more = problems.length - said.length;
    const message = said.join("; ") + (more > 0 ? `; and ${more} more` : "");
    throw new UploadProblem("INVALID_HEADER", message, { line, column: first.column });
  }
  const plan = names.map((name) => inputColumns.get(name));
  const has = (name: string): boolean => names.includes(name);
  if (!has("referralId") && !has("externalReferenceId")) {
    throw missing(
      "a column referralId or externalReferenceId: which referral a row is about",
      line,
    );
  }
  if (!plan.some((column) => saysSomething(column, has("referralId")))) {
    throw missing("a column that says what to change, such as details.dealValue", line);
  }
  return plan;
}

function problemOf(name: string, firstAt: number, index: number): string | undefined {
  const place = `column ${index + 1}`;
  if (name.trim() === "") {
    return `${place} has no name`;
  }
  const quoted = JSON.stringify(name.slice(0, MOST_QUOTED));
  if (firstAt !== index) {
    return `${place}, ${quoted}, is there already as column ${firstAt + 1}`;
  }
  if (inputColumns.has(name) || ignoredColumns.has(name)) {
    return undefined;
  }
  const meant = nearest(name, ALL_NAMES);
  const hint = meant === undefined ? "" : `; is ${JSON.stringify(meant)} meant?`;
  return `${place}, ${quoted}, is not a column that is known${hint}`;
}

/** Whether rows can say something with it; an external id beside a referral id is a value to be written. */
function saysSomething(column: InputColumn | undefined, hasReferralId: boolean): boolean {
  switch (column?.kind) {
    case undefined:
    case "referralId":
    case "ifMatch":
      return false;
    case "externalReferenceId":
      return hasReferralId;
    default:
      return true;
  }
}

function missing(what: string, line: number): UploadProblem {
  return new UploadProblem("INVALID_HEADER", `The header lacks ${what}`, { line });
}
