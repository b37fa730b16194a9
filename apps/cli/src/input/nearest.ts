/** Most single-character edits between a misspelt name and the one that is meant. */
const MOST_EDITS = 3;

/**
 * The name that was probably meant: the same but for case, the last part of a dotted path (`dealValue` for `details.dealValue`),
 * or one that differs in few letters.
 */
export function nearest(given: string, names: readonly string[]): string | undefined {
  const wanted = given.slice(0, 100).toLowerCase();
  const same = names.find((name) => name.toLowerCase() === wanted);
  const last = names.find((name) => name.toLowerCase().endsWith(`.${wanted}`));
  const [close] = names
    .map((name) => ({ name, edits: editsBetween(wanted, name.toLowerCase()) }))
    .filter(({ name, edits }) => edits <= Math.min(MOST_EDITS, Math.floor(name.length / 3)))
    .sort((a, b) => a.edits - b.edits);
  return same ?? last ?? close?.name;
}

/** Levenshtein's distance. */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...a].entries()) {
    const next = [index + 1];
    for (const [at, other] of [...b].entries()) {
      const replaced = (row[at] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
