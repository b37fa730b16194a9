import type { Log } from "@patchlane/service-kit";
import { GraphQLError } from "graphql";
import { isAsyncIterable, mapAsyncIterator, type Plugin } from "graphql-yoga";
import { internalCauseOf } from "../errors.ts";
import type { RequestContext } from "../http/route.ts";
import { traceIdOf } from "../tracing/trace-operations.ts";

interface WithErrors {
  readonly errors?: readonly GraphQLError[] | undefined;
}

/** Logs what is behind an internal error, once, and lets the caller name it: both have the request's id. */
export function nameInternalErrors(log: Log): Plugin<object, RequestContext> {
  return {
    onResultProcess: ({ request, result, setResult, serverContext: { requestId } }) => {
      const ids = { requestId, traceId: traceIdOf(request) };
      const named = <Result extends WithErrors>(one: Result): Result =>
        one.errors === undefined
          ? one
          : { ...one, errors: one.errors.map((error) => nameOne(log, error, ids)) };
      if (isAsyncIterable(result)) {
        setResult(mapAsyncIterator(result, named));
      } else if (!Array.isArray(result) && result.errors !== undefined) {
        setResult(named(result));
      }
    },
  };
}

function nameOne(
  log: Log,
  error: GraphQLError,
  ids: { readonly requestId: string; readonly traceId: string | undefined },
): GraphQLError {
  const internal = internalCauseOf(error);
  if (internal === undefined) {
    return error;
  }
  log.error({ error: internal.cause, ...ids }, "internal error");
  const { requestId } = ids;
  const { message, nodes, path, extensions } = error;
  return new GraphQLError(message, { nodes, path, extensions: { ...extensions, requestId } });
}
