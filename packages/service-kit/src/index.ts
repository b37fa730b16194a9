export { accessTokens, checkSignIn } from "./access-tokens.ts";
export { callbackUrlProblem } from "./callback-url.ts";
export {
  createLogger,
  describeError,
  type Log,
  onlyAllowed,
  traceOfLine,
  withFields,
} from "./logger.ts";
export { meterCalls } from "./meter-calls.ts";
export { isPublicAddress, NOT_PUBLIC, publicLookup } from "./public-address.ts";
export { queueOptions } from "./queue-options.ts";
export { logSometimes } from "./quiet-errors.ts";
export { runService, type Service } from "./run-service.ts";
export {
  type Environment,
  isLoopback,
  readSettings,
  type ServiceSettings,
  type SettingsCheck,
  SettingsError,
  serviceSettings,
} from "./settings.ts";
export {
  activeSpan,
  activeTraceId,
  inSpan,
  isTracing,
  type Span,
  type SpanOptions,
  startSpan,
} from "./tracing.ts";
export { callSpans, tracedBudget, tracedClient } from "./tracing-calls.ts";
export { traceIdOf } from "./tracing-context.ts";
export { listedFacts, SPAN_FACTS, type SpanFacts } from "./tracing-facts.ts";
export { startTracing, type Tracing, withTracing } from "./tracing-start.ts";
export { warnOfLossyRedis } from "./warn-of-lossy-redis.ts";
