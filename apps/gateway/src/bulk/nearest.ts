/** Most single-character edits between a misspelt name and the one that is meant. */
const MOST_EDITS = 2;
/** Longer than any name there is. */
const LONGEST_NAME = 64;

const bare = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "");

/**
 * The name that was probably meant: the same letters, the last part of a dotted path (`dealValue` for `details.dealValue`), or
 * one that differs in a letter or two.
 */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const wanted = bare(name.slice(0, LONGEST_NAME));
  if (wanted === "") {
    return undefined;
  }
  const isLastPart = (known: string): boolean => bare(known.split(".").at(-1) ?? "") === wanted;
  const close = names
    .map((known) => ({ known, edits: editsBetween(wanted, bare(known)) }))
    .filter(({ known, edits }) => edits <= Math.min(MOST_EDITS, bare(known).length / 3))
    .sort((a, b) => a.edits - b.edits);
  return names.find((known) => bare(known) === wanted) ?? names.find(isLastPart) ?? close[0]?.known;
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
