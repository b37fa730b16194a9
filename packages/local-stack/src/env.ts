/** What every process we start gets of our environment; the only place of this package that reads it. */
export function inheritedEnvironment(): Readonly<Record<string, string>> {
  const { PATH, HOME } = process.env;
  return { ...(PATH === undefined ? {} : { PATH }), ...(HOME === undefined ? {} : { HOME }) };
}

/** The Redis to use instead of starting one. */
export function givenRedisUrl(): string | undefined {
  return process.env.REDIS_URL || undefined;
}
