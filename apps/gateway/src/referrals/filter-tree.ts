export const OPERATORS = ["eq", "ne", "gt", "ge", "lt", "le"] as const;
export type Operator = (typeof OPERATORS)[number];

/** What a field is compared with, checked. */
export type Literal =
  | { readonly type: "text"; readonly text: string }
  /** As it was written: money is never taken through a binary float. */
  | { readonly type: "decimal"; readonly text: string }
  /** UTC, with seconds. */
  | { readonly type: "dateTime"; readonly text: string }
  | { readonly type: "boolean"; readonly isTrue: boolean }
  | { readonly type: "null" };

export interface Comparison {
  readonly kind: "comparison";
  /** With slashes. */
  readonly field: string;
  readonly operator: Operator;
  readonly literal: Literal;
}

/** What a filter says. Made by {@link parseFilter} or from parts that are known to be right, never from text. */
export type FilterTree =
  | Comparison
  /** Two terms or more, none of the same kind. */
  | { readonly kind: "and" | "or"; readonly terms: readonly FilterTree[] }
  | { readonly kind: "not"; readonly term: FilterTree };

/** One filter of several; chains of the same kind become one. */
export function join(kind: "and" | "or", parts: readonly FilterTree[]): FilterTree {
  const terms = parts.flatMap((part) => (part.kind === kind ? part.terms : [part]));
  const [only] = terms;
  return terms.length === 1 && only !== undefined ? only : { kind, terms };
}

/** The filter as OData text, with no more parentheses than it needs. */
export function printFilter(tree: FilterTree): string {
  switch (tree.kind) {
    case "comparison":
      return `${tree.field} ${tree.operator} ${printLiteral(tree.literal)}`;
    case "not":
      return `not (${printFilter(tree.term)})`;
    case "or":
      return tree.terms.map(printFilter).join(" or ");
    case "and":
      return tree.terms
        .map((term) => (term.kind === "or" ? `(${printFilter(term)})` : printFilter(term)))
        .join(" and ");
  }
}

function printLiteral(literal: Literal): string {
  switch (literal.type) {
    case "text":
      return `'${literal.text.replaceAll("'", "''")}'`;
    case "decimal":
    case "dateTime":
      return literal.text;
    case "boolean":
      return String(literal.isTrue);
    case "null":
      return "null";
  }
}
