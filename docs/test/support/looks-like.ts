/**
 * Whether a text is what a page says it is: the same but for spaces and line ends, where `…` stands for anything, nothing
 * included.
 */
export function looksLike(shown: string, printed: string): boolean {
  const parts = bare(shown).split("…").map(escaped);
  return new RegExp(`^${parts.join("[\\s\\S]*?")}$`).test(bare(printed));
}

const bare = (text: string): string => text.replace(/\s+/g, "");

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
