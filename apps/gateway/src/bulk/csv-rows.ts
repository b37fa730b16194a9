import { CsvError, type InfoRecord, Parser } from "csv-parse";
import { parse } from "csv-parse/sync";
import type { InputIssue } from "../submit/parse-request.ts";
import { type ColumnPlan, compileHeader, separatorOf } from "./csv-header.ts";
import { inputOf, requestOf } from "./csv-row.ts";
import {
  LONGEST_ROW_BYTES,
  type ReadRow,
  type RowReader,
  startOf,
  TOO_LONG,
} from "./row-request.ts";
import { UploadProblem } from "./upload-problem.ts";

/** Longest header line (bytes): every column there is, many times over. */
const LONGEST_HEADER_BYTES = 65_536;
/**
 * Bytes without an end of a row after which the whole is refused. Far more than a row that is merely too long: a quote was left
 * open, and nobody can tell how many rows it swallowed.
 */
const HOPELESS_BYTES = 4 * 1_048_576;

const NEWLINE = 0x0a;
const RETURN = 0x0d;

const MISQUOTED: InputIssue = {
  code: "INVALID_VALUE",
  path: "",
  message:
    "A cell that begins with a quote must end with one, and quotes within it must be doubled",
};

interface CsvRecord {
  readonly cells: readonly string[];
  readonly bytes: number;
  readonly isMisquoted: boolean;
}

/**
 * Reads CSV (RFC 4180): UTF-8 with or without BOM; `,`, `;` or tab as the header line has it; line ends of every kind. Empty
 * lines do not count. A row with the wrong number of cells, too long, or with text behind the end of a quoted cell is bad. A quote
 * within a cell that is not quoted stands for itself. One that is left open refuses the whole, and so does text behind the end of a
 * cell of several lines: nobody can tell which rows it swallowed.
 */
export class CsvRows implements RowReader {
  /** The bytes up to the end of the header line; undefined once it is there. */
  #head: Buffer | undefined = Buffer.alloc(0);
  #parser: Parser | undefined;
  #separator = ",";
  #plan: ColumnPlan | undefined;
  #names: readonly string[] = [];
  #records: CsvRecord[] = [];
  /** Bytes handed to the parser, and those of them up to the end of the last record. */
  #fed = 0;
  #unreadFrom = 0;
  #ended = 0;
  /** The bytes since the end of the last record, as far as they came. */
  #unread: Buffer = Buffer.alloc(0);
  /** Found while the parser was in the middle of a chunk. */
  #problem: UploadProblem | undefined;
  /** Line ends within cells that the parser counts twice. */
  #countedTwice = 0;
  /** Empty lines before the header, which the parser does not get to see. */
  #linesBefore = 0;
  #lastLine = 0;

  async read(chunk: Buffer): Promise<Iterable<ReadRow>> {
    if (this.#head === undefined) {
      return this.#feed(chunk);
    }
    const bytes = Buffer.concat([this.#head, chunk]);
    const empty = emptyLinesAtStart(withoutBom(bytes));
    this.#linesBefore += empty.toString().split("\n").length - 1;
    const head = empty.length === 0 ? bytes : withoutBom(bytes).subarray(empty.length);
    if (!head.includes(NEWLINE) && !head.includes(RETURN)) {
      if (head.length > LONGEST_HEADER_BYTES) {
        throw new UploadProblem(
          "INVALID_HEADER",
          `The header is longer than ${LONGEST_HEADER_BYTES} bytes: is this a CSV file?`,
          { line: 1 },
        );
      }
      this.#head = head;
      return [];
    }
    return this.#start(head);
  }

  async end(): Promise<Iterable<ReadRow>> {
    const head = this.#head;
    if (head !== undefined && withoutBom(head).length === 0) {
      return [];
    }
    if (head !== undefined) {
      await this.#start(head);
    }
    const parser = this.#parser as Parser;
    await new Promise<void>((resolve, reject) => {
      parser.once("error", reject);
      parser.once("end", resolve);
      parser.end();
    }).catch((error: unknown) => this.#refuse(error));
    return this.#rows();
  }

  columns(): readonly string[] {
    return this.#names;
  }

  async #start(head: Buffer): Promise<Iterable<ReadRow>> {
    this.#head = undefined;
    const line =
      head
        .subarray(0, LONGEST_HEADER_BYTES)
        .toString()
        .split(/[\r\n]/, 1)[0] ?? "";
    this.#separator = separatorOf(line);
    this.#parser = new Parser({
      bom: true,
      delimiter: this.#separator,
      record_delimiter: ["\r\n", "\n", "\r"],
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      on_record: (cells: string[], info) => {
        this.#note(cells, info);
        return null; // taken here; nothing goes through the stream
      },
    });
    this.#parser.on("error", () => {}); // whoever writes is told
    this.#parser.resume();
    return this.#feed(head);
  }

  async #feed(chunk: Buffer): Promise<Iterable<ReadRow>> {
    const parser = this.#parser as Parser;
    this.#unread = Buffer.concat([this.#unread.subarray(this.#ended - this.#unreadFrom), chunk]);
    this.#unreadFrom = this.#ended;
    await new Promise<void>((resolve, reject) => {
      parser.write(chunk, (error) => (error ? reject(error) : resolve()));
    }).catch((error: unknown) => this.#refuse(error));
    this.#fed += chunk.length;
    if (this.#problem !== undefined) {
      throw this.#problem;
    }
    if (this.#fed - this.#ended > HOPELESS_BYTES) {
      const line = this.#lastLine + 1;
      throw new UploadProblem(
        "INVALID_CSV",
        `The row that begins in line ${line} does not end: is a quote left open?`,
        { line },
      );
    }
    return this.#rows();
  }

  #note(cells: readonly string[], { bytes, lines }: InfoRecord): void {
    if (this.#lineAt(lines) > this.#lastLine + 1) {
      this.#countedTwice += cells.reduce((sum, cell) => sum + cell.split("\r\n").length - 1, 0);
    }
    this.#lastLine = this.#lineAt(lines);
    if (this.#plan === undefined) {
      this.#plan = compileHeader(cells, this.#lastLine);
      this.#names = this.#plan.flatMap((column) => (column === undefined ? [] : [column.name]));
    } else {
      const isMisquoted = this.#isMisquoted(cells, bytes);
      this.#records.push({ cells, bytes: bytes - this.#ended, isMisquoted });
    }
    this.#ended = bytes;
  }

  /** Only a cell that begins with a quote can be: the parser leaves it there, but so does one that is to begin with a quote. */
  #isMisquoted(cells: readonly string[], end: number): boolean {
    if (!cells.some((cell) => cell.startsWith('"'))) {
      return false;
    }
    const from = this.#ended - this.#unreadFrom;
    const text = this.#unread
      .subarray(from, end - this.#unreadFrom)
      .toString()
      .trim();
    if (isWellQuoted(text, this.#separator)) {
      return false;
    }
    if (/[\r\n]/.test(text)) {
      const line = this.#lastLine - text.split(/\r\n|\r|\n/).length + 1;
      this.#problem ??= new UploadProblem("INVALID_CSV", `Line ${line}: ${MISQUOTED.message}`, {
        line,
      });
    }
    return true;
  }

  #lineAt(lines: number): number {
    return this.#linesBefore + lines - this.#countedTwice;
  }

  *#rows(): Iterable<ReadRow> {
    const records = this.#records;
    this.#records = [];
    for (const record of records) {
      yield this.#rowOf(record, this.#plan as ColumnPlan);
    }
  }

  #rowOf({ cells, bytes, isMisquoted }: CsvRecord, plan: ColumnPlan): ReadRow {
    if (isMisquoted) {
      const input = () => ({ line: startOf(cells.join(this.#separator)) });
      return { request: {}, issues: [MISQUOTED], input, bytes };
    }
    if (bytes > LONGEST_ROW_BYTES) {
      const input = () => ({ line: startOf(this.#lineOf(cells)) });
      return { request: {}, issues: [TOO_LONG], input, bytes };
    }
    if (cells.length !== plan.length) {
      const message = `Expected ${plan.length} cells, as in the header; there are ${cells.length}`;
      const issues = [{ code: "INVALID_VALUE", path: "", message }];
      return { request: {}, issues, input: () => ({ line: this.#lineOf(cells) }), bytes };
    }
    return { ...requestOf(cells, plan), input: () => inputOf(cells, plan), bytes };
  }

  /** Cells that cannot be told apart by column, as they may have stood in the file. */
  #lineOf(cells: readonly string[]): string {
    return cells
      .map((cell) => (/[",;\t\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
      .join(this.#separator);
  }

  #refuse(error: unknown): never {
    if (!(error instanceof CsvError)) {
      throw error;
    }
    const { lines = 0, column = 0 } = error as { lines?: number; column?: number };
    const line = this.#lineAt(lines);
    if (error.code === "CSV_QUOTE_NOT_CLOSED") {
      const start = this.#lastLine + 1;
      const message = `The row that begins in line ${start} does not end: a quote is left open`;
      throw new UploadProblem("INVALID_CSV", message, { line: start, column: column + 1 });
    }
    const place = { line, column: column + 1 };
    const rule = "a cell with quotes in it must be quoted, and its quotes doubled";
    const message = `Line ${line}, column ${column + 1}: ${rule}`;
    throw new UploadProblem(
      this.#plan === undefined ? "INVALID_HEADER" : "INVALID_CSV",
      message,
      place,
    );
  }
}

/** Whether the text of one row is RFC 4180, for which quotes are never out of place. */
function isWellQuoted(text: string, delimiter: string): boolean {
  try {
    parse(text, { delimiter, relax_column_count: true });
    return true;
  } catch {
    return false;
  }
}

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

function withoutBom(bytes: Buffer): Buffer {
  return bytes.subarray(0, BOM.length).equals(BOM) ? bytes.subarray(BOM.length) : bytes;
}

/** They would hide where the header ends. */
function emptyLinesAtStart(text: Buffer): Buffer {
  const start = text.findIndex((byte) => byte !== NEWLINE && byte !== RETURN);
  return start < 0 ? text : text.subarray(0, start);
}
