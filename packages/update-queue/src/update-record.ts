import type { PatchOperation, ReferralChanges } from "@patchlane/referral-patch";
import { buildPatch } from "@patchlane/referral-patch";
import { rowOf } from "./bulk-row-id.ts";
import type { NewBulkRow, RowInput } from "./bulk-update.ts";
import { type PayloadCodec, SealedPayloadError } from "./payload-codec.ts";
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

/** What callers sent, as it is stored. */
export interface StoredPayload {
  readonly intent: UpdateIntent;
  /** Left out when it equals a raw patch or what the changes alone say, and for rows: it is built when it is looked at. */
  readonly patch?: readonly PatchOperation[];
  readonly ifMatch?: string;
  readonly submittedBy: string;
  readonly externalReferenceId?: string;
  readonly input?: RowInput;
  readonly trace?: string;
}

/** The operations known when the update was accepted. */
export function storedPatch({ patch, intent }: StoredPayload): readonly PatchOperation[] {
  return patch ?? intent.patch ?? sayable(intent.changes);
}

/** As far as they are known without the referral's state. */
function sayable(changes: ReferralChanges): readonly PatchOperation[] {
  const { team, ...rest } = changes;
  const built = buildPatch(team?.add === undefined ? rest : { ...rest, team: { add: team.add } });
  return built.ok ? built.patch : [];
}

/** What a row brought, as it is stored. */
export function encodeRow(row: NewBulkRow, submittedBy: string, codec: PayloadCodec): string {
  const payload: StoredPayload = {
    intent: row.kind === "bad" ? { changes: {} } : row.intent,
    ...(row.kind === "bad" ? { input: row.input } : {}),
    ...(row.kind === "bad" || row.ifMatch === undefined ? {} : { ifMatch: row.ifMatch }),
    ...(row.externalReferenceId === undefined
      ? {}
      : { externalReferenceId: row.externalReferenceId }),
    submittedBy,
  };
  return codec.seal(JSON.stringify(payload));
}

function isToldByIntent({ intent, patch }: NewReferralUpdate): boolean {
  return (
    intent.patch !== undefined || JSON.stringify(sayable(intent.changes)) === JSON.stringify(patch)
  );
}

export function encodePayload(update: NewReferralUpdate, codec: PayloadCodec): string {
  const payload: StoredPayload = {
    intent: update.intent,
    ...(isToldByIntent(update) ? {} : { patch: update.patch }),
    ...(update.ifMatch === undefined ? {} : { ifMatch: update.ifMatch }),
    submittedBy: update.submittedBy,
    ...(update.trace === undefined ? {} : { trace: update.trace }),
  };
  return codec.seal(JSON.stringify(payload));
}

/**
 * An update as it is stored; undefined when there is no such record, or not all of it. What is sealed with a key not known here makes
 * it `unreadable`, no error.
 */
export function decodeUpdate(
  id: string,
  fields: Readonly<Record<string, string>>,
  codec: PayloadCodec,
): ReferralUpdate | undefined {
  const { state, payload } = fields;
  if (state === undefined || payload === undefined) {
    return undefined;
  }
  const clear = decodeClear(id, fields);
  try {
    return { ...clear, ...openSealed(fields, payload, codec) };
  } catch (error) {
    if (error instanceof SealedPayloadError) {
      return withUnreadable(clear, error);
    }
    throw error;
  }
}

type SealedPart = Pick<
  ReferralUpdate,
  | "intent"
  | "patch"
  | "ifMatch"
  | "submittedBy"
  | "error"
  | "externalReferenceId"
  | "input"
  | "trace"
>;
type ClearPart = Omit<ReferralUpdate, keyof SealedPart>;

function decodeClear(id: string, fields: Readonly<Record<string, string>>): ClearPart {
  return {
    id,
    referralId: fields.referralId ?? "",
    state: fields.state as UpdateState,
    ...rowOf(id),
    ...(fields.skip === "1" ? { skipUnchanged: true } : {}),
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

function openSealed(
  { sent, error }: Readonly<Record<string, string>>,
  storedPayload: string,
  codec: PayloadCodec,
): SealedPart {
  const open = <T>(text: string): T => JSON.parse(codec.open(text)) as T;
  const payload = open<StoredPayload>(storedPayload);
  return {
    intent: payload.intent,
    patch: sent === undefined ? storedPatch(payload) : open<PatchOperation[]>(sent),
    ...(payload.ifMatch === undefined ? {} : { ifMatch: payload.ifMatch }),
    ...(error === undefined ? {} : { error: open<UpdateFailure>(error) }),
    submittedBy: payload.submittedBy,
    ...(payload.externalReferenceId === undefined
      ? {}
      : { externalReferenceId: payload.externalReferenceId }),
    ...(payload.input === undefined ? {} : { input: payload.input }),
    ...(payload.trace === undefined ? {} : { trace: payload.trace }),
  };
}

/** Nothing stands in for what is sealed: whoever reads it meets the reason instead of a wrong value. */
function withUnreadable(clear: ClearPart, unreadable: SealedPayloadError): ReferralUpdate {
  return {
    ...clear,
    unreadable,
    get intent(): never {
      throw unreadable;
    },
    get patch(): never {
      throw unreadable;
    },
    get ifMatch(): never {
      throw unreadable;
    },
    get submittedBy(): never {
      throw unreadable;
    },
    get externalReferenceId(): never {
      throw unreadable;
    },
    get input(): never {
      throw unreadable;
    },
    get error(): never {
      throw unreadable;
    },
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
  return [
    step.id,
    step.state,
    step.error?.code ?? "",
    step.isAttemptFree === true ? 1 : 0,
    fields.length / 2,
    ...fields,
  ];
}
