import { context, DiagLogLevel, diag, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from "@opentelemetry/resources";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";

/*
 * Loaded only when traces are wanted. The SDK reads its own standard variables: sampler, batch sizes, span limits,
 * resource attributes, headers, timeouts and certificates of the exporter.
 */

/** Sends spans of this process to a collector from now on; `onTrouble` hears what went wrong with that, in no detail. */
export function startSdk(
  serviceName: string,
  onTrouble: () => void,
): { shutdown(): Promise<void> } {
  const tell = (): void => onTrouble();
  const ignore = (): void => {};
  // What the SDK says may quote URLs and answers: that it has something to say is enough.
  diag.setLogger(
    { error: tell, warn: tell, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const provider = new BasicTracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ "service.name": serviceName }))
      // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES have the last word.
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  return {
    shutdown: async () => {
      await provider.shutdown();
      trace.disable();
      context.disable();
      diag.disable();
    },
  };
}
