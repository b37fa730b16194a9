import type { BulkUpdate, BulkUpdateState, NewBulkUpdate } from "./bulk-update.ts";
import type { ActiveBulkUpdate, BulkPhase } from "./bulk-work.ts";
import { type PayloadCodec, SealedPayloadError } from "./payload-codec.ts";

/*
 * A bulk update is stored as one hash: its state, its counts by state of its rows, how far its leader came, and sealed what its
 * caller said about it.
 */

/** What its caller said, as it is sealed. */
interface About {
  readonly label?: string;
  readonly submittedBy: string;
  readonly callbackUrl?: string;
  readonly trace?: string;
}

export function encodeAbout(
  { label, submittedBy, callbackUrl, trace }: NewBulkUpdate,
  codec: PayloadCodec,
): string {
  const about: About = {
    submittedBy,
    ...(label === undefined ? {} : { label }),
    ...(callbackUrl === undefined ? {} : { callbackUrl }),
    ...(trace === undefined ? {} : { trace }),
  };
  return codec.seal(JSON.stringify(about));
}

/** undefined when there is none, or it is being thrown away. */
export function decodeBulkUpdate(
  id: string,
  fields: Readonly<Record<string, string>>,
  codec: PayloadCodec,
): ActiveBulkUpdate | undefined {
  if (fields.state === undefined || fields.state === "DISCARDED") {
    return undefined;
  }
  const count = (name: string): number => Number(fields[name] ?? 0);
  return {
    id,
    state: fields.state as BulkUpdateState,
    isDryRun: fields.dryRun === "1",
    skipUnchanged: fields.skipUnchanged === "1",
    counts: {
      total: count("total"),
      queued: count("QUEUED"),
      sending: count("SENDING"),
      applied: count("APPLIED"),
      unchanged: count("UNCHANGED"),
      failed: count("FAILED"),
      cancelled: count("CANCELLED"),
    },
    upstreamCalls: count("upstreamCalls"),
    columns: fields.columns === undefined ? [] : (JSON.parse(fields.columns) as string[]),
    submittedAt: count("submittedAt"),
    ...(fields.finishedAt === undefined ? {} : { finishedAt: count("finishedAt") }),
    ...(fields.planCalls === undefined ? {} : { plan: { upstreamCalls: count("planCalls") } }),
    phase: (fields.phase as BulkPhase | undefined) ?? "enlist",
    doneTo: count("doneTo"),
    enlistedTo: count("enlistedTo"),
    ...openSealed(fields, codec),
  };
}

/** The trace it belongs to; undefined when it has none, or that cannot be opened here. */
export function traceIn(about: string | null, codec: PayloadCodec): string | undefined {
  try {
    return about === null ? undefined : (JSON.parse(codec.open(about)) as About).trace;
  } catch (error) {
    if (error instanceof SealedPayloadError) {
      return undefined;
    }
    throw error;
  }
}

function openSealed(
  { about = "{}", pausedBy }: Readonly<Record<string, string>>,
  codec: PayloadCodec,
): Pick<BulkUpdate, "label" | "submittedBy" | "callbackUrl" | "pausedReason" | "isReadable"> {
  try {
    const { trace: _ofWorkers, ...said } = JSON.parse(codec.open(about)) as About;
    return {
      ...said,
      ...(pausedBy === undefined ? {} : { pausedReason: `paused by ${codec.open(pausedBy)}` }),
      isReadable: true,
    };
  } catch (error) {
    if (error instanceof SealedPayloadError) {
      return { submittedBy: "", isReadable: false };
    }
    throw error;
  }
}
