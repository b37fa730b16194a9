import { bytes, percent } from "./numbers.ts";
import type { Printer } from "./printer.ts";

/** Shows how much of a file was sent; on a terminal only. */
export interface UploadView {
  sent(bytes: number): void;
  interrupted(): void;
  end(): void;
}

/** ms between two drawings. */
const REDRAW_MS = 100;

export function uploadView(printer: Printer, total: number | undefined): UploadView {
  const { err, isJson } = printer;
  if (!err.isLive || isJson) {
    const interrupted = (): void => printer.note("The connection was lost; sending it again.");
    return { sent: () => {}, interrupted, end: () => {} };
  }
  let isShown = false;
  let drawnAt = 0;
  const draw = (text: string): void => {
    isShown = true;
    err.stream.write(`\r${text.slice(0, err.columns() - 1)}\u001B[K`);
  };
  return {
    sent: (done) => {
      const now = performance.now();
      if (now - drawnAt >= REDRAW_MS) {
        drawnAt = now;
        const of = total === undefined ? "" : ` of ${bytes(total)}, ${percent(done, total)}%`;
        draw(`sending rows: ${bytes(done)}${of}`);
      }
    },
    interrupted: () => draw("the connection was lost, sending it again"),
    end: () => {
      if (isShown) {
        err.stream.write("\r\u001B[K");
      }
    },
  };
}
