import { z } from "zod";

/** Which requests a rule is for; every given condition must hold, none given means every request. */
const matchSchema = z
  .strictObject({
    /** HTTP method, any letter case. */
    method: z.string().optional(),
    /** Regular expression searched in the path (without the query). */
    pathPattern: z.string().refine(isPattern, "is not a regular expression").optional(),
    referralId: z.string().optional(),
    /** Regular expression searched in the request's body: what the upstream will not take. */
    bodyPattern: z.string().refine(isPattern, "is not a regular expression").optional(),
    /** Which of the matching requests, counted from 1 since the rule was added. */
    nth: z.union([z.int().positive(), z.array(z.int().positive())]).optional(),
    /** 0 to 1; drawn from the simulator's seed. */
    probability: z.number().min(0).max(1).optional(),
    /** At most this many times. */
    times: z.int().nonnegative().optional(),
    /** Not before this many ms after the rule was added. */
    afterMs: z.number().nonnegative().optional(),
    /** Not later than this many ms after the rule was added. */
    untilMs: z.number().nonnegative().optional(),
    /** Not later than this date-time. */
    until: z.iso.datetime({ offset: true }).optional(),
    /** The referrals API (default) or the token endpoint. */
    endpoint: z.enum(["api", "token"]).default("api"),
  })
  .default({ endpoint: "api" });

const durationMs = z.number().nonnegative().max(3_600_000);
const operationSchema = z.looseObject({ op: z.string(), path: z.string() });

const faultSchema = z.discriminatedUnion("kind", [
  /** Waits before (default) or after the request takes effect, plus 0 to `jitterMs`. */
  z.strictObject({
    kind: z.literal("latency"),
    ms: durationMs,
    jitterMs: durationMs.default(0),
    when: z.enum(["before", "after"]).default("before"),
  }),
  /** Answers with this status; the change is not applied unless `isApplied`. */
  z.strictObject({
    kind: z.literal("status"),
    status: z.int().min(300).max(599),
    code: z.string().optional(),
    /** Code of `error.innerError`. */
    innerCode: z.string().optional(),
    /** Retry-After: seconds, an HTTP date one second ahead, or none (default). */
    retryAfter: z.union([z.number().nonnegative(), z.enum(["date", "absent"])]).optional(),
    /** Replaces the error body: a string is sent as is, anything else as JSON. */
    body: z.unknown().optional(),
    headers: z.record(z.string(), z.string()).optional(),
    isApplied: z.boolean().default(false),
  }),
  /** Cuts the connection without applying the change. */
  z.strictObject({ kind: z.literal("cutBeforeWrite") }),
  /** Applies the change, then cuts the connection without an answer. */
  z.strictObject({ kind: z.literal("cutAfterWrite") }),
  /** 204 although the representation was asked for. */
  z.strictObject({ kind: z.literal("noRepresentation") }),
  /** Half of the announced body, then a cut connection. */
  z.strictObject({ kind: z.literal("truncatedBody") }),
  /** A body that is not JSON, with the success status and content type. */
  z.strictObject({ kind: z.literal("garbageBody") }),
  /** Somebody else changes the referral right before the request is handled. */
  z.strictObject({ kind: z.literal("intruder"), patch: z.array(operationSchema).optional() }),
  /** Never answers; the change is not applied unless `isApplied`. */
  z.strictObject({ kind: z.literal("hang"), isApplied: z.boolean().default(false) }),
  /** The body trickles in over `ms`. */
  z.strictObject({ kind: z.literal("slowBody"), ms: durationMs.default(1000) }),
]);

const ruleSchema = z.strictObject({
  id: z.string().min(1).optional(),
  match: matchSchema,
  /** A fault without settings may be named by its kind alone. */
  fault: z.preprocess(
    (fault) => (typeof fault === "string" ? { kind: fault } : fault),
    faultSchema,
  ),
});

/** What a rule does to a request. */
export type Fault = z.output<typeof faultSchema>;
/** A rule with its defaults filled in. */
export type FaultRule = z.output<typeof ruleSchema> & { readonly id: string };
/** A rule as callers write it; `fault` may be just the kind, `id` is given when absent. */
export interface FaultRuleInput {
  readonly id?: string;
  readonly match?: z.input<typeof matchSchema>;
  readonly fault: z.input<typeof faultSchema> | Fault["kind"];
}

/** Reads one rule or a list of them. Throws an Error with a readable list of what is wrong. */
export function parseFaultRules(input: unknown): z.output<typeof ruleSchema>[] {
  const list = Array.isArray(input) ? input : [input];
  const result = z.array(ruleSchema).safeParse(list);
  if (!result.success) throw new Error(z.prettifyError(result.error));
  return result.data;
}

function isPattern(source: string): boolean {
  try {
    new RegExp(source);
    return true;
  } catch {
    return false;
  }
}
