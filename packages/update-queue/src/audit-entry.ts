import type { PatchOperation } from "@patchlane/referral-patch";
import { type PayloadCodec, SealedPayloadError } from "./payload-codec.ts";
import type { UpdateFailure, UpdateState } from "./referral-update.ts";
import { type StoredPayload, storedPatch } from "./update-record.ts";

/** What became of one update, as it was written down when it became final. */
export interface AuditEntry {
  readonly id: string;
  /** Where it stands in the list it was read from. */
  readonly cursor: string;
  readonly updateId: string;
  readonly referralId: string;
  readonly state: UpdateState;
  /** Unix ms, Redis clock. */
  readonly submittedAt: number;
  readonly finishedAt: number;
  /** Upstream writes tried for it; being throttled is not an attempt. */
  readonly attempts: number;
  /** Others that left in the same PATCH. */
  readonly mergedWith: readonly string[];
  /** `request-id` of its last upstream write. */
  readonly requestId?: string;
  /** `client-request-id` of the upstream call that settled it. */
  readonly clientRequestId?: string;
  readonly etagBefore?: string;
  readonly etag?: string;
  /** undefined when it cannot be read: sealed with a key that is not known here, or lost. */
  readonly content: AuditContent | undefined;
}

/** The part of an entry that is sealed. */
export interface AuditContent {
  readonly submittedBy: string;
  /** What was sent, or would have been. */
  readonly patch: readonly PatchOperation[];
  /** The ETag the caller pinned. */
  readonly ifMatch?: string;
  readonly error?: UpdateFailure;
}

/** Reads one entry of the stream. Never throws for content that cannot be opened. */
export function decodeAuditEntry(
  cursor: string,
  [id, flat]: readonly [id: string, fields: readonly string[]],
  codec: PayloadCodec,
): AuditEntry {
  const fields: Record<string, string> = {};
  for (let at = 0; at + 1 < flat.length; at += 2) {
    const value = flat[at + 1];
    if (value !== undefined && value !== "") {
      fields[flat[at] ?? ""] = value;
    }
  }
  const { requestId, clientRequestId, etagBefore, etag } = fields;
  return {
    id,
    cursor,
    updateId: fields.id ?? "",
    referralId: fields.referralId ?? "",
    state: fields.state as UpdateState,
    submittedAt: Number(fields.acceptedAt),
    finishedAt: Number(fields.finishedAt),
    attempts: Number(fields.attempts ?? 0),
    mergedWith: fields.mergedWith === undefined ? [] : (JSON.parse(fields.mergedWith) as string[]),
    ...(requestId === undefined ? {} : { requestId }),
    ...(clientRequestId === undefined ? {} : { clientRequestId }),
    ...(etagBefore === undefined ? {} : { etagBefore }),
    ...(etag === undefined ? {} : { etag }),
    content: fields.payload === undefined ? undefined : readable(fields.payload, fields, codec),
  };
}

function readable(
  storedPayload: string,
  { sent, error }: Readonly<Record<string, string>>,
  codec: PayloadCodec,
): AuditContent | undefined {
  const open = <T>(text: string): T => JSON.parse(codec.open(text)) as T;
  try {
    const payload = open<StoredPayload>(storedPayload);
    const { submittedBy, ifMatch } = payload;
    return {
      submittedBy,
      patch: sent === undefined ? storedPatch(payload) : open<PatchOperation[]>(sent),
      ...(ifMatch === undefined ? {} : { ifMatch }),
      ...(error === undefined ? {} : { error: open<UpdateFailure>(error) }),
    };
  } catch (failure) {
    if (failure instanceof SealedPayloadError) {
      return undefined;
    }
    throw failure;
  }
}
