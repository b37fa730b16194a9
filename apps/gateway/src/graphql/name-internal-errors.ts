import { GraphQLError } from "graphql";
import { isAsyncIterable, mapAsyncIterator, type Plugin } from "graphql-yoga";
import type { Logger } from "pino";
import { internalCauseOf } from "../errors.ts";
import type { RequestContext } from "../http/route.ts";

interface WithErrors {
  readonly errors?: readonly GraphQLError[] | undefined;
}

/** Logs what is behind an internal error, once, and lets the caller name it: both have the request's id. */
export function nameInternalErrors(log: Logger): Plugin<object, RequestContext> {
  return {
    onResultProcess: ({ result, setResult, serverContext: { requestId } }) => {
      const named = <Result extends WithErrors>(one: Result): Result =>
        one.errors === undefined
          ? one
          : { ...one, errors: one.errors.map((error) => nameOne(log, error, requestId)) };
      if (isAsyncIterable(result)) {
        setResult(mapAsyncIterator(result, named));
      } else if (!Array.isArray(result) && result.errors !== undefined) {
        setResult(named(result));
      }
    },
  };
}

function nameOne(log: Logger, error: GraphQLError, requestId: string): GraphQLError {
  const internal = internalCauseOf(error);
  if (internal === undefined) {
    return error;
  }
  log.error({ error: internal.cause, requestId }, "internal error");
  const { message, nodes, path, extensions } = error;
  return new GraphQLError(message, { nodes, path, extensions: { ...extensions, requestId } });
}
