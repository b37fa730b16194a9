import { type ExecutionArgs, getOperationAST } from "graphql";
import type { Plugin } from "graphql-yoga";
import type { OperationType, ProcessMetrics } from "./process-metrics.ts";

interface Begun {
  readonly at: number;
  type: OperationType;
  isExecuted: boolean;
}

/** Measures every GraphQL operation, and counts the streams that are open. */
export function meterOperations(metrics: ProcessMetrics): Plugin {
  // One operation per request: batches are not taken.
  const begun = new WeakMap<Request, Begun>();
  const noteExecution = ({ args }: { args: ExecutionArgs }): void => {
    const { request } = args.contextValue as { request?: Request };
    const operation = request && begun.get(request);
    if (operation !== undefined) {
      operation.isExecuted = true;
      operation.type = getOperationAST(args.document, args.operationName)?.operation ?? "none";
    }
  };
  return {
    onParams: ({ request }) => {
      begun.set(request, { at: performance.now(), type: "none", isExecuted: false });
    },
    onExecute: (payload) => noteExecution(payload),
    onSubscribe: (payload) => {
      noteExecution(payload);
      return {
        onSubscribeResult: ({ result }) => {
          if (!(Symbol.asyncIterator in result)) {
            return undefined;
          }
          metrics.streamOpened();
          return { onEnd: () => metrics.streamClosed() };
        },
      };
    },
    onResultProcess: ({ request, result }) => {
      const operation = begun.get(request);
      if (operation === undefined) {
        return;
      }
      begun.delete(request);
      const { at, type, isExecuted } = operation;
      const hasErrors = "errors" in result && result.errors !== undefined;
      const outcome = isExecuted ? (hasErrors ? "errors" : "ok") : "refused";
      metrics.operation(type, outcome, performance.now() - at);
    },
  };
}
