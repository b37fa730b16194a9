import type { PatchCalls } from "../patch-calls.ts";

export const RIVALS = [
  "bullmqWindow",
  "bullmqEven",
  "bullmqReacting",
  "bottleneck",
  "pQueue",
] as const;
export type RivalName = (typeof RIVALS)[number];

/** What one process of a rival is told. */
export interface RivalTask {
  readonly rival: RivalName;
  readonly redisUrl: string;
  readonly upstreamUrl: string;
  /** The upstream's limit, for all processes together. */
  readonly ratePerSecond: number;
  readonly processes: number;
  /** Calls in flight in this process. */
  readonly concurrency: number;
  /** What this process has to send, where the rival has no queue that processes share. */
  readonly share: { readonly first: number; readonly step: number; readonly end: number };
}

/** Prepares everything but the first call; what it answers begins with that. */
export type PrepareRival = (task: RivalTask, calls: PatchCalls) => Promise<() => void>;

export function referralIdOf(index: number): string {
  return `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
}

export function* idsOf({ share: { first, step, end } }: RivalTask): Generator<string> {
  for (let index = first; index < end; index += step) {
    yield referralIdOf(index);
  }
}
