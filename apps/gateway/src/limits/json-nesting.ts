const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Shorter texts are parsed faster than looked at. */
const WORTH_A_LOOK = 4_096;

/**
 * Whether a text has more brackets open at once than `most`, before anybody parses it as JSON: a million of them cost the parser a
 * hundred times what they cost here. What is in quotes does not count.
 */
export function isNestedDeeper(text: string, most: number): boolean {
  if (text.length < WORTH_A_LOOK) {
    return false;
  }
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at);
        break;
      case 0x5b: // [
      case 0x7b: // {
        depth += 1;
        if (depth > most) {
          return true;
        }
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth -= 1;
        break;
    }
  }
  return false;
}

/** Where the string that begins at `start` ends; the end of the text when it does not. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) {
    end = text.indexOf('"', end + 1);
  }
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, at: number): boolean {
  let before = at - 1;
  while (text.charCodeAt(before) === BACKSLASH) {
    before -= 1;
  }
  return (at - before) % 2 === 0;
}
