/**
 * How long a backlog of updates takes and what Redis needs for it, from what one update costs. The slowest part decides; the others wait
 * for it. Every update is one upstream call on a referral of its own: the worst case, as nothing folds and every state is remembered.
 */

/** What is given. */
export interface Load {
  /** In all, spread evenly over the accounts, all of them there at once. */
  readonly updates: number;
  readonly accounts: number;
  /** What the upstream allows an account, calls a second. */
  readonly ratePerSecond: number;
  readonly workersPerAccount: number;
  /** Redis servers the accounts are spread over; an account's keys are on one of them. */
  readonly shards: number;
  /** Cores that workers, Redis and everything else share; undefined: each process has one of its own. */
  readonly cores?: number;
}

/** What was measured of one update. */
export interface UnitCosts {
  /** Updates a second one worker process sends when nothing else holds it up. */
  readonly workerPerSecond: number;
  /** ms of a core for an update: a worker's, Redis', and all else the measuring machine did meanwhile (upstream, gateway, kernel, others). */
  readonly workerCpuMs: number;
  readonly redisCpuMs: number;
  readonly elseCpuMs: number;
  /** Rows a second one gateway accepts in an upload. */
  readonly intakePerSecond: number;
  /** From the upload to the end of a handful of updates that nothing limits. */
  readonly fixedSeconds: number;
  /** Bytes of Redis memory: of an update that waits, of one that is final, of the state of a referral. */
  readonly waitingBytes: number;
  readonly finalBytes: number;
  readonly stateBytes: number;
  /** Bytes written to the append-only file, from accepted to final. */
  readonly aofBytes: number;
  /** Redis commands, those within scripts included. */
  readonly commands: number;
}

export type Bottleneck = "upstream limit" | "workers" | "Redis" | "cores" | "intake";

export interface Prediction {
  readonly seconds: number;
  readonly bottleneck: Bottleneck;
  readonly updatesPerSecond: number;
  /** The most that is held at any time, in all. */
  readonly redisBytes: number;
  readonly aofBytes: number;
  readonly redisCommandsPerSecond: number;
}

/** Of the limit, what Patchlane spends (packages/update-queue/src/redis-rate-budget.ts). */
const HEADROOM = 0.95;
/** Seconds a final update stays readable by default, and a state is known. */
const RETENTION_SECONDS = 30 * 24 * 3_600;
const KNOWN_SECONDS = 48 * 3_600;

export function predict(load: Load, costs: UnitCosts): Prediction {
  const { updates, accounts, ratePerSecond, workersPerAccount, shards } = load;
  const intakeSeconds = updates / (accounts * costs.intakePerSecond); // a gateway for every account
  const rates: [Bottleneck, number][] = [
    ["upstream limit", accounts * ratePerSecond * HEADROOM],
    ["workers", accounts * workersPerAccount * costs.workerPerSecond],
    ["Redis", (Math.min(shards, accounts) * 1_000) / costs.redisCpuMs],
  ];
  if (load.cores !== undefined) {
    const cpuMs = costs.workerCpuMs + costs.redisCpuMs + costs.elseCpuMs;
    rates.push(["cores", (load.cores * 1_000) / cpuMs]);
  }
  const [slowest, updatesPerSecond] = rates.reduce((least, rate) =>
    rate[1] < least[1] ? rate : least,
  );
  const sendSeconds = updates / updatesPerSecond;
  return {
    seconds: costs.fixedSeconds + intakeSeconds + sendSeconds,
    bottleneck: intakeSeconds > sendSeconds ? "intake" : slowest,
    updatesPerSecond,
    redisBytes: mostBytes(updates, updatesPerSecond, costs),
    aofBytes: updates * costs.aofBytes,
    redisCommandsPerSecond: updatesPerSecond * costs.commands,
  };
}

/**
 * Waiting updates become final ones at an even rate, and final ones and states go after their time. What is held changes its slope only
 * where one of these begins or ends, so the most is held at one of those moments.
 */
function mostBytes(updates: number, perSecond: number, costs: UnitCosts): number {
  const endSeconds = updates / perSecond;
  const held = (at: number): number => {
    const sent = Math.min(updates, perSecond * at);
    return (
      (updates - sent) * costs.waitingBytes +
      Math.min(sent, perSecond * RETENTION_SECONDS) * costs.finalBytes +
      Math.min(sent, perSecond * KNOWN_SECONDS) * costs.stateBytes
    );
  };
  const moments = [0, KNOWN_SECONDS, RETENTION_SECONDS, endSeconds];
  return Math.max(...moments.filter((at) => at <= endSeconds).map(held));
}

/** Redis servers for so much memory and so many updates a second; undefined when one account alone needs more than one. */
export function shardsFor(
  { redisBytes, updatesPerSecond }: Pick<Prediction, "redisBytes" | "updatesPerSecond">,
  accounts: number,
  bytesAShard: number,
  { redisCpuMs }: Pick<UnitCosts, "redisCpuMs">,
): number | undefined {
  // Whole accounts go on a server.
  const byMemory = Math.floor(bytesAShard / (redisBytes / accounts));
  const byCpu = Math.floor(1_000 / redisCpuMs / (updatesPerSecond / accounts));
  const accountsAShard = Math.min(byMemory, byCpu);
  return accountsAShard < 1 ? undefined : Math.ceil(accounts / accountsAShard);
}
