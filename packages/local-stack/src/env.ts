/** What every process we start gets of our environment; the only place of this package that reads it. */
export function inheritedEnvironment(): Readonly<Record<string, string>> {
  const inherited = ["PATH", "HOME", "NODE_COMPILE_CACHE"].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(inherited);
}

/** The Redis to use instead of starting one. */
export function givenRedisUrl(): string | undefined {
  return process.env.REDIS_URL || undefined;
}
