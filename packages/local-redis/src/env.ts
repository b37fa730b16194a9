/** What this package reads from the environment; no other file does. */
export interface LocalRedisEnvironment {
  /** The executable search path, `""` when unset. */
  path: string;
  /** True when the caller already has a Redis (`REDIS_URL`); its value may hold a password and is not kept. */
  hasRedisUrl: boolean;
  /** Environment for child processes: ours, less what would change how a child Node starts. */
  childEnvironment: Record<string, string>;
}

/** Reads the environment once, at the moment of the call. */
export function readEnvironment(source: NodeJS.ProcessEnv = process.env): LocalRedisEnvironment {
  const childEnvironment: Record<string, string> = {};
  for (const [name, value] of Object.entries(source)) {
    if (value !== undefined && !name.startsWith("NODE_")) childEnvironment[name] = value;
  }
  return {
    path: source.PATH ?? "",
    hasRedisUrl: (source.REDIS_URL ?? "").trim() !== "",
    childEnvironment,
  };
}
