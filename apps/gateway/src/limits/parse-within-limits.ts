import {
  type DocumentNode,
  GraphQLError,
  Lexer,
  parse,
  Source,
  type Token,
  TokenKind,
} from "graphql";
import { overLimit } from "./limit-error.ts";
import { LIMITS, type Limit } from "./limits.ts";

const OPENING: ReadonlySet<TokenKind> = new Set([
  TokenKind.BRACE_L,
  TokenKind.BRACKET_L,
  TokenKind.PAREN_L,
]);
const CLOSING: ReadonlySet<TokenKind> = new Set([
  TokenKind.BRACE_R,
  TokenKind.BRACKET_R,
  TokenKind.PAREN_R,
]);

/** Reads no further than brackets may be nested: the parser would recurse into each, and into a stack overflow. */
class ShallowLexer extends Lexer {
  #open = 0;

  override advance(): Token {
    const token = super.advance();
    if (OPENING.has(token.kind)) {
      this.#open += 1;
      if (this.#open > LIMITS.nesting) {
        throw overLimit("nesting", "more");
      }
    } else if (CLOSING.has(token.kind)) {
      this.#open -= 1;
    }
    return token;
  }
}

/** Parses no more of a document than it may have. Throws a syntax error, or what {@link overLimit} gives. */
export function parseWithinLimits(text: string): DocumentNode {
  if (text.length > LIMITS.characters) {
    throw overLimit("characters", text.length);
  }
  const source = new Source(text, "GraphQL request");
  try {
    return parse(source, {
      lexer: new ShallowLexer(source),
      maxLexicalTokens: LIMITS.tokens,
      maxComments: LIMITS.comments,
    });
  } catch (error) {
    const limit = limitIn(error);
    throw limit === undefined ? error : overLimit(limit, "more");
  }
}

function limitIn(error: unknown): Limit | undefined {
  const message = error instanceof GraphQLError ? error.message : "";
  const [, what] =
    /^Syntax Error: Document contains more than \d+ (tokens|comments)\./.exec(message) ?? [];
  return what as "tokens" | "comments" | undefined;
}
