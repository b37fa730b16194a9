/**
 * What one GraphQL request may ask for. Each number is some times what our own documents need (the operations of
 * packages/gateway-client, GraphiQL's example and introspection, the documentation): test/limits/own-documents.test.ts
 * prints how much room they leave, and fails when one of them would not pass.
 */
export const LIMITS = {
  /** UTF-16 units of text: the largest value the upstream takes (64 KiB) written into it, and as much again. */
  characters: 131_072,
  /** `#` comments: parsers keep each. */
  comments: 500,
  /** Lexical tokens: a hundred rows written out, where variables would do better. Parsed in about 5 ms. */
  tokens: 5_000,
  /** Brackets of any kind open at once: the parser and everything behind it recurse. */
  nesting: 50,
  /** Fields inside each other, fragments spread out. GraphiQL asks for types fifteen deep. */
  depth: 20,
  /** Renamed fields: somebody who watches a hundred updates at a time by their ids. */
  aliases: 100,
  /** `@include`, `@skip` and whatever else, in the whole document. */
  directives: 50,
  /** Definitions of fragments: GraphQL's validation compares every two of them. */
  fragments: 50,
  /** `...Name`, in the whole document. */
  spreads: 200,
  /** Fields of Query, Mutation or Subscription in one operation. */
  rootFields: 100,
  /** Fields and fragments of all operations and fragments, each spread out: bounds fragments that double each other. */
  selections: 5_000,
  /** The same answer's field selected again in one place: GraphQL's validation compares every two of them. */
  repeats: 30,
  /** See price.ts. A hundred referrals read upstream, or a thousand rows of a bulk update with a hundred fields each. */
  cost: 150_000,
  /** Levels of objects and lists in the variables: a patch's value goes eight deep. */
  variableDepth: 32,
  /** Values in the variables: a thousand rows of a hundred cells. */
  variableValues: 100_000,
} as const;

export type Limit = keyof typeof LIMITS;
