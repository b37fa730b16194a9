import { isAsyncIterable, type Plugin } from "graphql-yoga";
import { callerError } from "../errors.ts";
import type { GatewayContext } from "../services.ts";

/** Event streams one caller may have open in this process: every update of two pages is watched by itself. */
export const MOST_STREAMS_OF_CALLER = 200;
/** Event streams open in this process: each looks at Redis about once a second. */
export const MOST_STREAMS = 2_000;
/** Seconds after which it is worth trying again. */
const RETRY_AFTER_SECONDS = 5;

/** Holds the number of open event streams down, of each caller and of all. */
export function limitEventStreams(
  most: { readonly ofCaller: number; readonly ofAll: number } = {
    ofCaller: MOST_STREAMS_OF_CALLER,
    ofAll: MOST_STREAMS,
  },
): Plugin<Pick<GatewayContext, "caller">> {
  const open = new Map<string, number>();
  let ofAll = 0;
  const refusalOf = (subject: string) => {
    if ((open.get(subject) ?? 0) >= most.ofCaller) {
      return tooMany(429, `You have ${most.ofCaller} subscriptions open here, which is the most`);
    }
    return ofAll >= most.ofAll
      ? tooMany(503, `There are ${most.ofAll} subscriptions open here, which is the most`)
      : undefined;
  };
  const begin = (subject: string): (() => void) => {
    ofAll += 1;
    open.set(subject, (open.get(subject) ?? 0) + 1);
    return () => {
      ofAll -= 1;
      const left = (open.get(subject) ?? 0) - 1;
      if (left > 0) {
        open.set(subject, left);
      } else {
        open.delete(subject);
      }
    };
  };
  return {
    onSubscribe: ({ args, setResultAndStopExecution }) => {
      const { subject } = args.contextValue.caller;
      const refusal = refusalOf(subject);
      if (refusal !== undefined) {
        setResultAndStopExecution(refusal);
        return;
      }
      return {
        onSubscribeResult: ({ result, setResult }) => {
          if (!isAsyncIterable(result)) {
            return;
          }
          const late = refusalOf(subject); // others may have come in between
          if (late !== undefined) {
            void result[Symbol.asyncIterator]().return?.();
            setResult(late);
            return;
          }
          setResult(endedBy(result, begin(subject)));
        },
      };
    },
  };
}

function tooMany(status: 429 | 503, message: string) {
  const headers = { "retry-after": String(RETRY_AFTER_SECONDS) };
  const retryAfterMs = RETRY_AFTER_SECONDS * 1_000;
  return {
    errors: [callerError("TOO_MANY_STREAMS", message, { retryAfterMs, http: { status, headers } })],
  };
}

/** The same values; `onEnd` is called once, when there will be no more or nobody wants them. */
function endedBy<Value>(
  values: AsyncIterable<Value>,
  onEnd: () => void,
): AsyncIterableIterator<Value> {
  const iterator = values[Symbol.asyncIterator]();
  let isOver = false;
  const end = (): void => {
    if (!isOver) {
      isOver = true;
      onEnd();
    }
  };
  return {
    next: async () => {
      try {
        const next = await iterator.next();
        if (next.done) {
          end();
        }
        return next;
      } catch (error) {
        end();
        throw error;
      }
    },
    return: async () => {
      end();
      await iterator.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
