import { type Answer, refuse } from "./answer.ts";
import type { Fault } from "./fault-rules.ts";
import { retryAfterHeader } from "./limits.ts";

/** Whether a fault leaves the answer to others. */
export function isAccompanying(fault: Fault): boolean {
  return fault.kind === "latency" || fault.kind === "intruder";
}

/** Whether a fault keeps the request from taking effect. */
export function preventsTheWrite(fault: Fault | undefined): boolean {
  if (fault === undefined) return false;
  if (fault.kind === "status" || fault.kind === "hang") return !fault.isApplied;
  return fault.kind === "cutBeforeWrite";
}

/** The answer a `status` fault gives. */
export function faultAnswer(fault: Extract<Fault, { kind: "status" }>): Answer {
  const { retryAfter } = fault;
  const headers: Record<string, string> = { ...fault.headers };
  if (typeof retryAfter === "number") headers["retry-after"] = String(retryAfter);
  if (retryAfter === "date") Object.assign(headers, retryAfterHeader("date", 1000));
  if (fault.status === 401) headers["www-authenticate"] = WWW_AUTHENTICATE;
  if (fault.body !== undefined) {
    const body = typeof fault.body === "string" ? fault.body : JSON.stringify(fault.body);
    return { status: fault.status, body, headers };
  }
  return refuse(fault.status, `Simulated ${fault.status}.`, {
    headers,
    ...(fault.code === undefined ? {} : { code: fault.code }),
    ...(fault.innerCode === undefined ? {} : { innerCode: fault.innerCode }),
  });
}

/** A 204 in place of a 200. */
export function withoutRepresentation(answer: Answer | undefined): Answer | undefined {
  if (answer?.status !== 200) return answer;
  return answer.etag === undefined ? { status: 204 } : { status: 204, etag: answer.etag };
}

/** Sent with every 401. */
export const WWW_AUTHENTICATE = 'Bearer error="invalid_token"';
