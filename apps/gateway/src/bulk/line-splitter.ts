const NEWLINE = 0x0a;

/** A line without its end; `isCut` when it was too long, and `text` is only its start. */
export interface Line {
  readonly text: string;
  readonly bytes: number;
  readonly isCut: boolean;
}

/** Cuts bytes into lines; of a line that is too long no more than the limit is ever held. */
export class LineSplitter {
  readonly #mostBytes: number;
  /** The start of a line whose end is still to come. */
  #parts: Buffer[] = [];
  #kept = 0;
  #seen = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** The lines that end in this chunk; to be taken before the next one. */
  *split(chunk: Buffer): Iterable<Line> {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      yield this.#line(chunk, from, at);
      from = at + 1;
    }
    // Copied, because a small rest would hold the whole chunk.
    this.#keep(Buffer.from(chunk.subarray(from)));
  }

  /** The last line, if it has no end of its own. */
  *end(): Iterable<Line> {
    if (this.#seen > 0) {
      yield this.#line(Buffer.alloc(0), 0, 0);
    }
  }

  #line(chunk: Buffer, from: number, to: number): Line {
    const bytes = this.#seen + to - from;
    if (this.#seen === 0 && bytes <= this.#mostBytes) {
      return { text: chunk.toString("utf8", from, to), bytes, isCut: false };
    }
    this.#keep(chunk.subarray(from, to));
    const text = Buffer.concat(this.#parts).toString("utf8");
    this.#parts = [];
    this.#kept = 0;
    this.#seen = 0;
    return { text, bytes, isCut: bytes > this.#mostBytes };
  }

  #keep(part: Buffer): void {
    this.#seen += part.length;
    const room = this.#mostBytes - this.#kept;
    if (room > 0 && part.length > 0) {
      const kept = part.subarray(0, room);
      this.#parts.push(kept);
      this.#kept += kept.length;
    }
  }
}
