import { isUtf8 } from "node:buffer";
import { UploadProblem } from "./upload-problem.ts";

const NEWLINE = 0x0a;
const UTF16_LITTLE = [0xff, 0xfe];
const UTF16_BIG = [0xfe, 0xff];

/** Makes sure that bytes, chunk by chunk, are UTF-8; a character may be cut in two by the end of a chunk. */
export class Utf8Check {
  /** The first bytes of a character whose rest is still to come. */
  #cut: Buffer = Buffer.alloc(0);
  /** Bytes checked so far, those of `#cut` not counted. */
  #offset = 0;
  /** Line breaks among them. */
  #newlines = 0;

  /** Throws {@link UploadProblem} with the place of the first byte that is wrong. */
  check(chunk: Buffer): void {
    const bytes = this.#cut.length === 0 ? chunk : Buffer.concat([this.#cut, chunk]);
    const end = bytes.length - lengthOfCut(bytes);
    const whole = bytes.subarray(0, end);
    if (!isUtf8(whole)) {
      this.#refuse(whole, firstWrong(whole));
    }
    this.#offset += end;
    this.#newlines += countNewlines(whole);
    this.#cut = Buffer.from(bytes.subarray(end));
  }

  /** Throws {@link UploadProblem} when the last character is cut off. */
  end(): void {
    if (this.#cut.length > 0) {
      this.#refuse(this.#cut, 0);
    }
  }

  #refuse(bytes: Buffer, at: number): never {
    const offset = this.#offset + at;
    const line = this.#newlines + countNewlines(bytes.subarray(0, at)) + 1;
    const start = [bytes[at], bytes[at + 1]];
    const isMark = (mark: readonly number[]): boolean => mark.every((byte, i) => byte === start[i]);
    const message =
      offset === 0 && (isMark(UTF16_LITTLE) || isMark(UTF16_BIG))
        ? "The text is UTF-16: save it as UTF-8 (in Excel: CSV UTF-8)"
        : `Byte ${offset} (line ${line}) is not UTF-8: save the text as UTF-8 (in Excel: CSV UTF-8)`;
    throw new UploadProblem("INVALID_ENCODING", message, { line, offset });
  }
}

function countNewlines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) {
    count++;
  }
  return count;
}

/** How many bytes a character takes that begins with `byte`; 0 when none does. */
function lengthOf(byte: number): number {
  if (byte < 0x80) return 1;
  if (byte >= 0xc2 && byte <= 0xdf) return 2;
  if (byte >= 0xe0 && byte <= 0xef) return 3;
  return byte >= 0xf0 && byte <= 0xf4 ? 4 : 0;
}

/** Bytes at the end that begin a character which is longer than what is there. */
function lengthOfCut(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) !== 0x80) {
      return lengthOf(byte) > back ? back : 0;
    }
  }
  return 0;
}

/** Where the first character begins that is none. */
function firstWrong(bytes: Buffer): number {
  let at = 0;
  while (at < bytes.length) {
    const length = lengthOf(bytes[at] ?? 0);
    if (length === 0 || !isUtf8(bytes.subarray(at, at + length))) {
      return at;
    }
    at += length;
  }
  return at;
}
