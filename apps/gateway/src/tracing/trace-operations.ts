import { activeTraceId, inSpan, type Span } from "@patchlane/service-kit";
import type { Plugin } from "graphql-yoga";
import type { GatewayContext } from "../services.ts";
import { nameOperation } from "./name-operation.ts";

type Args =
  Parameters<typeof nameOperation> extends [infer Schema, infer Document, infer Name]
    ? { schema: Schema; document: Document; operationName?: Name }
    : never;

/**
 * A span per operation that is executed, continuing the caller's trace when it sent a `traceparent`. Of a
 * subscription, its start: what follows may go on for hours.
 */
export function traceOperations(): Plugin<GatewayContext> {
  return {
    onExecute: ({ args, context, executeFn, setExecuteFn }) => {
      setExecuteFn((given) =>
        inOperationSpan(args as Args, context, async (span) => {
          const result = await executeFn(given);
          if (!isStream(result) && result.errors !== undefined && result.errors.length > 0) {
            span.fail("GraphQLError");
          }
          return result;
        }),
      );
    },
    onSubscribe: ({ args, context, subscribeFn, setSubscribeFn }) => {
      setSubscribeFn((given) =>
        inOperationSpan(args as Args, context, async () => subscribeFn(given)),
      );
    },
  };
}

const traceIds = new WeakMap<Request, string>();

/** The trace of a request's operation, for what is logged after its span has ended; undefined when it is not recorded. */
export function traceIdOf(request: Request): string | undefined {
  return traceIds.get(request);
}

function isStream(result: object): result is AsyncIterable<unknown> {
  return Symbol.asyncIterator in result;
}

function inOperationSpan<T>(
  { schema, document, operationName }: Args,
  { request, requestId }: { readonly request: Request; readonly requestId: string },
  run: (span: Span) => Promise<T>,
): Promise<T> {
  const { type, fields } = nameOperation(schema, document, operationName);
  return inSpan(
    `${type} ${fields}`,
    {
      "graphql.operation.type": type,
      "patchlane.graphql.fields": fields,
      "patchlane.gateway.request_id": requestId,
      "http.route": "/graphql",
    },
    (span) => {
      const traceId = activeTraceId();
      if (traceId !== undefined) traceIds.set(request, traceId);
      return run(span);
    },
    { kind: "server", parent: request.headers.get("traceparent") ?? "root" },
  );
}
