import type { Logger } from "pino";
import type { Service } from "./run-service.ts";
import type { ServiceSettings } from "./settings.ts";

/** ms a stop waits for the last spans to be sent; a collector that is away must not hold a deployment up. */
const LONGEST_FLUSH_MS = 3_000;
/** ms between two log lines about a collector that does not take spans. */
const SAY_AGAIN_AFTER_MS = 60_000;

type TracingSettings = Pick<
  ServiceSettings,
  "OTEL_EXPORTER_OTLP_ENDPOINT" | "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" | "OTEL_SDK_DISABLED"
>;

export interface Tracing {
  /** Sends what is left, for at most 3 s. Never rejects. */
  stop(): Promise<void>;
}

/**
 * Sends traces of this process to the collector the settings name; without one nothing is loaded and nothing is
 * traced. Spans that cannot be sent are dropped, and the log says so about once a minute; nothing else is disturbed.
 */
export async function startTracing(
  serviceName: string,
  settings: TracingSettings,
  log: Logger,
): Promise<Tracing> {
  const endpoint =
    settings.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? settings.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (endpoint === undefined || settings.OTEL_SDK_DISABLED) {
    return { stop: async () => {} };
  }
  const { startSdk } = await import("./tracing-sdk.ts");
  let saidAt = Number.NEGATIVE_INFINITY;
  const sdk = startSdk(serviceName, () => {
    if (performance.now() - saidAt >= SAY_AGAIN_AFTER_MS) {
      saidAt = performance.now();
      log.warn("trouble with traces, some may be lost");
    }
  });
  log.info("tracing is on");
  return { stop: () => settledWithin(sdk.shutdown(), LONGEST_FLUSH_MS) };
}

/** A service whose last spans are sent after it has stopped. */
export function withTracing(service: Service, tracing: Tracing): Service {
  return {
    stop: async () => {
      try {
        await service.stop();
      } finally {
        await tracing.stop();
      }
    },
  };
}

async function settledWithin(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work.catch(() => undefined), tooLong]);
  clearTimeout(timer);
}
