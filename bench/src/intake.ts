import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startLocalStack } from "@patchlane/local-stack";
import { bareWrite } from "./bare-write.ts";
import { median } from "./median.ts";
import { forgetPeak, memoryOf } from "./memory.ts";
import { type Format, upload, writeUpload } from "./uploads.ts";

export interface IntakeResult {
  readonly format: Format;
  readonly rows: number;
  /** Medians over the rounds. */
  readonly rowsPerSecond: number;
  readonly bareRowsPerSecond: number;
  /** Time of the bare write over ours: 1 = as fast. */
  readonly ratio: number;
  /** Peak of the gateway's resident memory over what it was before the round. */
  readonly memoryGrowthMb: number;
}

/** Uploads of `rows` rows against a pipelined write of the same lines to the same Redis (appendfsync always). */
export async function measureIntake(rows: number, rounds: number): Promise<IntakeResult[]> {
  const folder = await mkdtemp(join(tmpdir(), "patchlane-bench-"));
  const stack = await startLocalStack({ referrals: 1, workers: 0 });
  try {
    const results: IntakeResult[] = [];
    for (const format of ["ndjson", "csv"] as const) {
      const path = join(folder, `rows.${format}`);
      await writeUpload(path, format, Math.min(rows, 2_000));
      await upload(stack.gatewayUrl, path, format); // warm code
      await writeUpload(path, format, rows);
      const ours: number[] = [];
      const bare: number[] = [];
      const growth: number[] = [];
      for (let round = 0; round < rounds; round++) {
        bare.push(await bareWrite(stack.redisUrl, path));
        const { pid } = stack.gateway;
        await forgetPeak(pid);
        const { nowMb } = await memoryOf(pid);
        ours.push((await upload(stack.gatewayUrl, path, format)).ms);
        growth.push((await memoryOf(pid)).peakMb - nowMb);
      }
      results.push({
        format,
        rows,
        rowsPerSecond: (rows / median(ours)) * 1_000,
        bareRowsPerSecond: (rows / median(bare)) * 1_000,
        ratio: median(bare) / median(ours),
        memoryGrowthMb: Math.max(...growth),
      });
    }
    return results;
  } finally {
    await stack.stop();
    await rm(folder, { recursive: true });
  }
}
