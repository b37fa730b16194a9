import type { Writable } from "node:stream";
import type { Environment } from "../settings/environment.ts";

/** A place to write to, which may be a terminal. */
export interface Output {
  readonly stream: Writable;
  /** Whether a line can be redrawn in place. */
  readonly isLive: boolean;
  readonly hasColor: boolean;
  readonly isUnicode: boolean;
  /** Characters in a line, now. */
  columns(): number;
}

const USUAL_COLUMNS = 80;

export function outputTo(
  stream: Writable & { readonly isTTY?: boolean; readonly columns?: number },
  environment: Environment,
): Output {
  const isTerminal = stream.isTTY === true;
  return {
    stream,
    isLive: isTerminal && !environment.isDumbTerminal,
    hasColor: isTerminal && !environment.isColorRefused,
    isUnicode: environment.isUnicode,
    columns: () => stream.columns || USUAL_COLUMNS,
  };
}
