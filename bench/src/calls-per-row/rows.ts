/** One row of an export: what the name of a referral should be. */
export interface Row {
  readonly referralId: string;
  readonly name: string;
}

/**
 * A row for every referral, of which the given share says something new, spread evenly; `shift` moves to others. Exact: of n rows,
 * `Math.floor(n * share)` change.
 */
export function syncRows(
  names: ReadonlyMap<string, string>,
  share: number,
  shift: number,
  mark: string,
): Row[] {
  const isChanged = (row: number): boolean =>
    Math.floor((row + 1) * share) > Math.floor(row * share);
  return [...names].map(([referralId, name], row) => ({
    referralId,
    name: isChanged((row + shift) % names.size) ? `${name} ${mark}` : name,
  }));
}

/** `perReferral` rows for each of the referrals, one after another for all of them: every row says something new. */
export function updateRows(
  referralIds: readonly string[],
  perReferral: number,
  mark: string,
): Row[] {
  return Array.from({ length: perReferral }, (_, turn) =>
    referralIds.map((referralId) => ({ referralId, name: `${mark}, update ${turn + 1}` })),
  ).flat();
}

/** The names after rows were applied in their order. */
export function afterRows(names: ReadonlyMap<string, string>, rows: readonly Row[]) {
  return new Map([...names, ...rows.map(({ referralId, name }) => [referralId, name] as const)]);
}

/** Throws when the upstream does not have what the rows say. */
export function checkNames(
  who: string,
  actual: ReadonlyMap<string, string>,
  wanted: ReadonlyMap<string, string>,
): void {
  const wrong = [...wanted].filter(([id, name]) => actual.get(id) !== name);
  const first = wrong[0];
  if (first !== undefined) {
    const [id, name] = first;
    throw new Error(
      `${who}: ${wrong.length} of ${wanted.size} referrals are not as they should be; ${id} has the name ${JSON.stringify(actual.get(id))}, not ${JSON.stringify(name)}`,
    );
  }
}
