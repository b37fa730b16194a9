import type { PatchOperation } from "@patchlane/referral-patch";
import type { PayloadCodec } from "./payload-codec.ts";
import type {
  NewReferralUpdate,
  ReferralUpdate,
  UpdateFailure,
  UpdateIntent,
  UpdateState,
} from "./referral-update.ts";

/*
 * An update is stored in two keys: a small hash of what changes (every value short, so that Redis keeps
 * it as a compact listpack) and one string with what callers sent, which never changes.
 */

interface StoredPayload {
  readonly intent: UpdateIntent;
  /** Left out when it equals a raw patch. */
  readonly patch?: readonly PatchOperation[];
  readonly ifMatch?: string;
  readonly submittedBy: string;
}

export function encodePayload(update: NewReferralUpdate, codec: PayloadCodec): string {
  const payload: StoredPayload = {
    intent: update.intent,
    ...(update.intent.patch === undefined ? { patch: update.patch } : {}),
    ...(update.ifMatch === undefined ? {} : { ifMatch: update.ifMatch }),
    submittedBy: update.submittedBy,
  };
  return codec.seal(JSON.stringify(payload));
}

export function decodeUpdate(
  id: string,
  fields: Readonly<Record<string, string>>,
  storedPayload: string,
  codec: PayloadCodec,
): ReferralUpdate {
  const payload = JSON.parse(codec.open(storedPayload)) as StoredPayload;
  const open = <T>(text: string): T => JSON.parse(codec.open(text)) as T;
  return {
    id,
    referralId: fields.referralId ?? "",
    state: fields.state as UpdateState,
    intent: payload.intent,
    patch:
      fields.sent === undefined
        ? (payload.patch ?? payload.intent.patch ?? [])
        : open<PatchOperation[]>(fields.sent),
    ...(payload.ifMatch === undefined ? {} : { ifMatch: payload.ifMatch }),
    ...(fields.error === undefined ? {} : { error: open<UpdateFailure>(fields.error) }),
    submittedBy: payload.submittedBy,
    submittedAt: Number(fields.acceptedAt),
    ...(fields.finishedAt === undefined ? {} : { finishedAt: Number(fields.finishedAt) }),
    attempts: Number(fields.attempts ?? 0),
    troubles: Number(fields.troubles ?? 0),
    ...(fields.rebases === undefined ? {} : { rebases: Number(fields.rebases) }),
    mergedWith: fields.mergedWith === undefined ? [] : (JSON.parse(fields.mergedWith) as string[]),
    priority: fields.priority === "bulk" ? "bulk" : "interactive",
    ...(fields.foldLimit === undefined ? {} : { foldLimit: Number(fields.foldLimit) }),
    ...(fields.resendAs === undefined ? {} : { resendAs: fields.resendAs }),
    isInDoubt: fields.inDoubt === "1",
    ...(fields.requestId === undefined ? {} : { requestId: fields.requestId }),
    ...(fields.clientRequestId === undefined ? {} : { clientRequestId: fields.clientRequestId }),
    ...(fields.etagBefore === undefined ? {} : { etagBefore: fields.etagBefore }),
    ...(fields.etag === undefined ? {} : { etag: fields.etag }),
  };
}

/** One step of an update as its lane's owner writes it down. */
export interface UpdateStep {
  readonly id: string;
  readonly state: UpdateState;
  readonly error?: UpdateFailure;
  /** The operations that were sent, when they differ from what was accepted. */
  readonly sent?: readonly PatchOperation[];
  readonly mergedWith?: readonly string[];
  readonly clientRequestId?: string;
  readonly etagBefore?: string;
  readonly etag?: string;
  readonly foldLimit?: number;
  readonly resendAs?: string;
  readonly isInDoubt?: true;
  readonly troubles?: number;
  readonly rebases?: number;
  /** The attempt just ended does not count (it was throttled, or never reached the upstream). */
  readonly isAttemptFree?: boolean;
}

/** Fields of a step that are written down as they are. */
const PLAIN_FIELDS = [
  "clientRequestId",
  "etagBefore",
  "etag",
  "foldLimit",
  "resendAs",
  "troubles",
  "rebases",
] as const;

/** The flat argument list settle-updates takes for one step. */
export function encodeStep(step: UpdateStep, codec: PayloadCodec): (string | number)[] {
  const fields: string[] = [];
  if (step.error !== undefined) {
    fields.push("error", codec.seal(JSON.stringify(step.error)));
  }
  if (step.sent !== undefined) {
    fields.push("sent", codec.seal(JSON.stringify(step.sent)));
  }
  if (step.mergedWith !== undefined && step.mergedWith.length > 0) {
    fields.push("mergedWith", JSON.stringify(step.mergedWith));
  }
  for (const name of PLAIN_FIELDS) {
    const value = step[name];
    if (value !== undefined) {
      fields.push(name, String(value));
    }
  }
  if (step.isInDoubt) {
    fields.push("inDoubt", "1");
  }
  return [step.id, step.state, step.isAttemptFree === true ? 1 : 0, fields.length / 2, ...fields];
}
