/** What JSON variables a request came with. */
export type Variables = Readonly<Record<string, unknown>> | null | undefined;

/** Points of cost, or how to get at them once the variables are known. */
export type Cost = number | ((variables: Variables) => number);

export function sum(costs: readonly Cost[]): Cost {
  let known = 0;
  const open: Exclude<Cost, number>[] = [];
  for (const cost of costs) {
    if (typeof cost === "number") {
      known += cost;
    } else {
      open.push(cost);
    }
  }
  return open.length === 0
    ? known
    : (variables) => open.reduce((total, cost) => total + cost(variables), known);
}

export function product(a: Cost, b: Cost): Cost {
  return typeof a === "number" && typeof b === "number"
    ? a * b
    : (variables) => pointsOf(a, variables) * pointsOf(b, variables);
}

export function pointsOf(cost: Cost, variables: Variables): number {
  return typeof cost === "number" ? cost : cost(variables);
}
