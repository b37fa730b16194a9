import { type GraphQLError, validate } from "graphql";
import type { Plugin } from "graphql-yoga";
import { maskError } from "../errors.ts";

/** Errors said about one document; whoever makes more of them has seen enough. */
const MOST_ERRORS = 20;

/**
 * Validates a document within bounds, and masks what is found: Yoga does not mask what is before execution. Where the
 * schema is not to be read, no error tells by "Did you mean" what is in it.
 */
export function validateWithin({ hidesSchema }: { readonly hidesSchema: boolean }): Plugin {
  const options = { maxErrors: MOST_ERRORS, hideSuggestions: hidesSchema };
  return {
    onValidate: ({ setValidationFn }) => {
      setValidationFn((schema, document, rules): readonly GraphQLError[] =>
        validate(schema, document, rules, options),
      );
      return ({ valid, result, setResult }) => {
        if (!valid) {
          setResult(result.map(maskError));
        }
      };
    },
    // Coercion of variables makes suggestions, too.
    onExecute: ({ args }) => void Object.assign(args, { hideSuggestions: hidesSchema }),
    onSubscribe: ({ args }) => void Object.assign(args, { hideSuggestions: hidesSchema }),
  };
}
