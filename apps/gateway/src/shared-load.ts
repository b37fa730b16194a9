/**
 * A load that everybody who asks for the same while it is under way shares: the rows of a page ask for their bulk update once,
 * and nobody is answered with what was loaded for somebody before.
 */
export function sharedLoad<Value>(
  load: (key: string) => Promise<Value>,
): (key: string) => Promise<Value> {
  const underWay = new Map<string, Promise<Value>>();
  return (key) => {
    const earlier = underWay.get(key);
    if (earlier !== undefined) {
      return earlier;
    }
    const loading = load(key).finally(() => underWay.delete(key));
    underWay.set(key, loading);
    return loading;
  };
}
