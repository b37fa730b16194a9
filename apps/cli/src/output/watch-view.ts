import type { BulkUpdate } from "@patchlane/gateway-client";
import { duration, percent, rate } from "./numbers.ts";
import type { Printer } from "./printer.ts";
import { printable } from "./printer.ts";
import { doneOf, type Progress, progressOf } from "./progress.ts";
import { progressLine } from "./progress-line.ts";
import { RateMeter } from "./rate-meter.ts";

/** Shows a bulk update while it runs. */
export interface WatchView {
  show(bulkUpdate: BulkUpdate): void;
  /** The gateway is away for a while. */
  interrupted(): void;
  /** Nothing more will be shown. */
  end(): void;
}

/** A bar on a terminal, a line now and then elsewhere, JSON lines with --json. `now` is ms on a clock that never goes back. */
export function watchView(printer: Printer, now: () => number): WatchView {
  if (printer.isJson) {
    return jsonView(printer);
  }
  return printer.out.isLive ? liveView(printer, now) : plainView(printer, now);
}

/** Every change once: a stream that is opened again begins with what was said already. */
function jsonView(printer: Printer): WatchView {
  let last = "";
  return {
    show: (bulkUpdate) => {
      const text = JSON.stringify(bulkUpdate);
      if (text !== last) {
        last = text;
        printer.json(bulkUpdate);
      }
    },
    interrupted: () => {},
    end: () => {},
  };
}

/** ms after which the bar is drawn again though nothing happened: time left and rate go on. */
const REDRAW_MS = 1_000;

function liveView(printer: Printer, now: () => number): WatchView {
  const { out, colors } = printer;
  const meter = new RateMeter();
  let latest: BulkUpdate | undefined;
  let isAway = false;
  const draw = (): void => {
    if (latest !== undefined) {
      const { columns, isUnicode } = out;
      const style = { columns: columns(), isUnicode, colors };
      const away = "the gateway is away, trying again";
      const line = isAway
        ? colors.yellow(away.slice(0, style.columns - 1))
        : progressLine(progressOf(latest, meter, now()), style);
      out.stream.write(`\r${line}\u001B[K`);
    }
  };
  const timer = setInterval(draw, REDRAW_MS);
  return {
    show: (bulkUpdate) => {
      latest = bulkUpdate;
      isAway = false;
      meter.note(doneOf(bulkUpdate), now());
      draw();
    },
    interrupted: () => {
      isAway = true;
      draw();
    },
    end: () => {
      clearInterval(timer);
      if (latest !== undefined) {
        out.stream.write("\n");
      }
    },
  };
}

/** ms between two plain lines of the same state. */
const LINE_MS = 5_000;

function plainView(printer: Printer, now: () => number): WatchView {
  const meter = new RateMeter();
  let shown: { readonly state: string; readonly done: number; readonly at: number } | undefined;
  let isAway = false;
  return {
    show: (bulkUpdate) => {
      const at = now();
      const done = doneOf(bulkUpdate);
      meter.note(done, at);
      const isDue = shown === undefined || (done !== shown.done && at - shown.at >= LINE_MS);
      if (isDue || isAway || bulkUpdate.state !== shown?.state) {
        shown = { state: bulkUpdate.state, done, at };
        printer.line(plainLine(progressOf(bulkUpdate, meter, at), bulkUpdate.pausedReason));
      }
      isAway = false;
    },
    interrupted: () => {
      if (!isAway) {
        printer.note("The gateway is away; trying again.");
      }
      isAway = true;
    },
    end: () => {},
  };
}

function plainLine(progress: Progress, pausedReason: string | null): string {
  const { state, done, total, applied, unchanged, failed, cancelled } = progress;
  const { perSecond, etaSeconds } = progress;
  return [
    state,
    `${done}/${total}`,
    `${percent(done, total)}%`,
    `applied=${applied}`,
    `unchanged=${unchanged}`,
    `failed=${failed}`,
    `cancelled=${cancelled}`,
    ...(perSecond === undefined ? [] : [`rate=${rate(perSecond)}`]),
    ...(etaSeconds === undefined ? [] : [`left=${duration(etaSeconds).replace(" ", "")}`]),
    ...(pausedReason === null ? [] : [`(${printable(pausedReason)})`]),
  ].join(" ");
}
