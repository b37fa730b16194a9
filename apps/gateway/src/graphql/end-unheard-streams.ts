import { isAsyncIterable, type Plugin } from "graphql-yoga";

/**
 * Ends the stream of a caller who left before its answer began. Nothing is sent then, so that nobody would ever read or close
 * it: it would count as open for ever. To stand behind whatever wraps results.
 */
export function endUnheardStreams(): Plugin {
  const streams = new WeakMap<Request, AsyncIterable<unknown>>();
  return {
    onResultProcess: ({ request, result }) => {
      if (isAsyncIterable(result)) {
        streams.set(request, result);
      }
    },
    onResponse: ({ request }) => {
      if (request.signal.aborted) {
        void streams.get(request)?.[Symbol.asyncIterator]().return?.();
      }
    },
  };
}
