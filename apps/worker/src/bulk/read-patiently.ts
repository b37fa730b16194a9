import {
  CallAbortedError,
  type FailureKind,
  PartnerCenterError,
  TokenUnavailableError,
} from "@patchlane/partner-center";
import { accountRestMs, backOffMs, MOST_TROUBLES } from "../back-off.ts";
import type { BulkEdges } from "./bulk-edges.ts";
import { pauseFor, type Turn } from "./turn.ts";

/** Kinds of failure that time may heal. */
const MAY_PASS: readonly FailureKind[] = ["transient", "unknownOutcome", "protocol"];

/** What a read came to; an `error` will not go away by waiting. */
export type ReadEnd<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: PartnerCenterError };

export interface PatientRead<T> {
  readonly turn: Turn;
  /** Ends the waits between two tries. */
  readonly stopping: AbortSignal;
  readonly call: (signal: AbortSignal) => Promise<T>;
  /** Hears of every request that was sent, answered or not. */
  readonly onSent: () => Promise<void>;
  /** Failures after which it is given up; default {@link MOST_TROUBLES}. */
  readonly mostTroubles?: number;
  /**
   * Whether its failures are the account's: default true. Not those of the list alone, which nobody else needs: it must not stop
   * what goes on without it.
   */
  readonly isTelling?: boolean;
}

/**
 * Makes a read that is worth waiting for: throttled, it is repeated; unwell, the upstream is given time, and the account is
 * told; a refused token is renewed, and when that does not help everything waits.
 */
export async function readPatiently<T>(
  edges: BulkEdges,
  read: PatientRead<T>,
): Promise<ReadEnd<T>> {
  const { account, tokens, random } = edges;
  const most = read.mostTroubles ?? MOST_TROUBLES;
  let troubles = 0;
  let refusedTokens = 0;
  const pause = async (reason: string): Promise<void> => {
    await account.paused(reason);
    refusedTokens = 0;
    await pauseFor(accountRestMs(random), read.stopping);
  };
  for (;;) {
    const signal = await read.turn();
    // Without one the call itself fails, and says why.
    const token = await tokens.getToken({ signal }).catch(() => undefined);
    try {
      const value = await read.call(signal);
      await Promise.all([read.onSent(), account.answered("read")]);
      return { ok: true, value };
    } catch (error) {
      if (error instanceof CallAbortedError) {
        continue;
      }
      if (error instanceof TokenUnavailableError) {
        await pause(error.message);
        continue;
      }
      if (!(error instanceof PartnerCenterError)) {
        throw error;
      }
      if (error.wasSent) {
        await read.onSent();
      }
      if (error.kind === "throttled") {
        continue;
      }
      if (error.kind === "unauthorized") {
        refusedTokens += 1;
        const reason =
          refusedTokens > 1
            ? "the upstream refuses a token that was just renewed"
            : await renew(edges, token);
        if (reason !== undefined) {
          await pause(reason);
        }
        continue;
      }
      if (!MAY_PASS.includes(error.kind)) {
        if (error.status !== undefined) {
          await account.answered("read");
        }
        return { ok: false, error };
      }
      const isUnreachable = error.kind === "transient" && !error.wasSent;
      if (isUnreachable || (error.kind !== "protocol" && read.isTelling !== false)) {
        await account.failed({ isForEverybody: isUnreachable });
      }
      troubles += isUnreachable ? 0 : 1;
      if (troubles >= most) {
        return { ok: false, error };
      }
      await pauseFor(backOffMs(Math.max(troubles, 1), random), read.stopping);
    }
  }
}

/** Gets another token; answers why there is none. */
async function renew({ tokens }: BulkEdges, token: string | undefined) {
  try {
    await tokens.renew(token ?? (await tokens.getToken()));
    return undefined;
  } catch (error) {
    if (error instanceof TokenUnavailableError) {
      return error.message;
    }
    throw error;
  }
}
