import { once } from "node:events";
import { createColors } from "picocolors";
import type { Output } from "./terminal.ts";

type Colors = ReturnType<typeof createColors>;

/** What a command says: results on standard output, everything else on standard error. */
export interface Printer {
  readonly isJson: boolean;
  readonly out: Output;
  readonly err: Output;
  readonly colors: Colors;
  /** A result for people; nothing with --json. */
  line(text: string): void;
  /** A result for programs: one document in one line; only with --json. */
  json(value: unknown): void;
  /** Something to know beside the result, on standard error; nothing with --json. */
  note(text: string): void;
  /** Waits until what was written has left, as far as it can be known. */
  drained(): Promise<void>;
}

export function createPrinter(out: Output, err: Output, isJson: boolean): Printer {
  return {
    isJson,
    out,
    err,
    colors: createColors(out.hasColor),
    line: (text) => {
      if (!isJson) {
        out.stream.write(`${text}\n`);
      }
    },
    json: (value) => {
      if (isJson) {
        out.stream.write(`${JSON.stringify(value)}\n`);
      }
    },
    note: (text) => {
      if (!isJson) {
        err.stream.write(`${text}\n`);
      }
    },
    drained: async () => {
      if (out.stream.writableNeedDrain) {
        await once(out.stream, "drain");
      }
    },
  };
}

/** Control characters, line breaks included: what came over the network must not move the cursor. */
const CONTROL = /[\p{Cc}\u2028\u2029]+/gu;

/** Text from elsewhere, safe to show in one line. */
export function printable(text: string): string {
  return text.replace(CONTROL, " ");
}
