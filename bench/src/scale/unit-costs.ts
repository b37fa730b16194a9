import { cpuMsOf } from "../gateway/cpu.ts";
import { type Deployment, deploy, submit, untilApplied } from "./backlog.ts";
import { machineBusyMs } from "./machine-busy.ts";
import type { UnitCosts } from "./model.ts";
import { bytesOfKeys, redisFacts } from "./redis-facts.ts";

/** Calls a second that no worker here comes near: what it can do by itself is looked for. */
export const NO_LIMIT_PER_SECOND = 10_000;
/** Rows that the gateway is warmed with, and that show what a small upload takes. */
const FEW_ROWS = 10;
const WARM_ROWS = 200;
/** Of the rows: sent before the clock starts, and left when it stops. */
const HEAD_SHARE = 0.1;
const TAIL_SHARE = 0.05;
/** Of the rows: sent once more to see what a final update takes. */
const MORE_SHARE = 0.25;

/** What one update costs here: accepted while no worker runs, then sent by one that nothing limits. */
export async function measureUnitCosts(rows: number): Promise<UnitCosts> {
  const deployment = await deploy({
    accounts: 1,
    ratePerSecond: NO_LIMIT_PER_SECOND,
    workersPerAccount: 0,
  });
  try {
    return await unitCostsOf(deployment, rows);
  } finally {
    await deployment.stop();
  }
}

async function unitCostsOf(deployment: Deployment, rows: number): Promise<UnitCosts> {
  const { redisUrl, redisPid, upstream } = deployment;
  const [stack] = deployment.accounts;
  if (stack === undefined) {
    throw new Error("an account is needed");
  }
  const url = stack.gatewayUrl;
  await submit(url, WARM_ROWS);
  const empty = await redisFacts(redisUrl);
  const accepted = await submit(url, rows, 1 + WARM_ROWS);
  const full = await redisFacts(redisUrl);

  const worker = await stack.startWorker();
  const cpu = () => Promise.all([cpuMsOf(worker.pid), cpuMsOf(redisPid), machineBusyMs()]);
  const head = Math.ceil(rows * HEAD_SHARE);
  const tail = Math.ceil(rows * TAIL_SHARE);
  await untilApplied(url, accepted.id, head);
  await upstream.forget();
  const cpuBefore = await cpu();
  await untilApplied(url, accepted.id, rows - tail);
  const cpuAfter = await cpu();
  const calls = await upstream.calls();
  const seconds = ((calls.at(-1)?.at ?? 0) - (calls.at(0)?.at ?? 0)) / 1_000;
  const spent = cpuAfter.map((ms, index) => (ms - (cpuBefore[index] ?? 0)) / calls.length);
  await untilApplied(url, accepted.id, rows);
  const over = await redisFacts(redisUrl);
  const stateBytes = (await bytesOfKeys(redisUrl, ":known:")) / (rows + WARM_ROWS);

  // The first ones also filled what has a bound (BullMQ's events) or is there once (scripts, connections); these did not.
  const more = Math.ceil(rows * MORE_SHARE);
  const again = await submit(url, more, 1 + WARM_ROWS + rows);
  await untilApplied(url, again.id, more);
  const later = await redisFacts(redisUrl);

  const startedAt = performance.now();
  const few = await submit(url, FEW_ROWS);
  await untilApplied(url, few.id, FEW_ROWS);
  const [workerCpuMs = 0, redisCpuMs = 0, machineMs = 0] = spent;
  return {
    workerPerSecond: (calls.length - 1) / seconds,
    workerCpuMs,
    redisCpuMs,
    elseCpuMs: machineMs - workerCpuMs - redisCpuMs,
    intakePerSecond: (rows / accepted.ms) * 1_000,
    fixedSeconds: (performance.now() - startedAt) / 1_000,
    waitingBytes: (full.memoryBytes - empty.memoryBytes) / rows,
    finalBytes: (later.memoryBytes - over.memoryBytes) / more - stateBytes,
    stateBytes,
    aofBytes: (later.aofBytes - over.aofBytes) / more,
    commands: (later.commands - over.commands) / more,
  };
}
