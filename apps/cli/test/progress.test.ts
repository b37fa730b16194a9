import { PassThrough } from "node:stream";
import type { BulkUpdate } from "@patchlane/gateway-client";
import picocolors from "picocolors";
import { describe, expect, test } from "vitest";
import { bytes, duration, percent, rate } from "../src/output/numbers.ts";
import { createPrinter, printable } from "../src/output/printer.ts";
import { progressOf } from "../src/output/progress.ts";
import { progressLine } from "../src/output/progress-line.ts";
import { RateMeter } from "../src/output/rate-meter.ts";
import { watchView } from "../src/output/watch-view.ts";
import { bulkUpdate } from "./support/bulk-update.ts";

const colors = picocolors.createColors(false);

function lineOf(update: BulkUpdate, columns: number, isUnicode = true): string {
  const meter = new RateMeter();
  meter.note(0, 0);
  return progressLine(progressOf(update, meter, 10_000), { columns, isUnicode, colors });
}

describe("the progress line", () => {
  const half = bulkUpdate(
    { total: 10_000, queued: 5000, applied: 3000, unchanged: 1950, failed: 50 },
    { etaSeconds: 307 },
  );

  test("has bar, per cent, counts, rate, time left and failures", () => {
    expect(lineOf(half, 120)).toBe(
      `${"█".repeat(15)}${"░".repeat(15)}  50%  5,000/10,000  0/s  5m 07s left  50 failed  1,950 unchanged`,
    );
  });

  test("never fills a line, however narrow, and leaves out the least important first", () => {
    for (let columns = 1; columns < 140; columns += 1) {
      expect(lineOf(half, columns).length).toBeLessThan(Math.max(columns, 1));
    }
    expect(lineOf(half, 40)).toBe(`${"█".repeat(4)}${"░".repeat(5)}  50%  5,000/10,000  50 failed`);
    expect(lineOf(half, 24)).toBe("50%  50 failed");
    expect(lineOf(half, 5)).toBe("50%");
  });

  test("is ASCII where the locale is", () => {
    expect(lineOf(half, 60, false)).toMatch(/^#+-+ {2}50%/);
  });

  test("is full only when everything is done", () => {
    const almost = bulkUpdate({ total: 10_000, queued: 1, applied: 9_999 });
    expect(lineOf(almost, 60)).toContain("░");
    expect(lineOf(almost, 60)).toContain("99%");
    expect(lineOf(bulkUpdate({ total: 3, applied: 3 }, { state: "COMPLETED" }), 60)).toContain(
      "100%",
    );
  });
});

test("the rate is what became final lately, not since the beginning", () => {
  const meter = new RateMeter();
  expect(meter.perSecond(0)).toBeUndefined();
  for (let second = 0; second <= 60; second += 1) {
    meter.note(second < 30 ? second * 10 : 300 + (second - 30) * 2, second * 1000);
  }
  expect(meter.perSecond(60_000)).toBeCloseTo(2);
  meter.note(5, 61_000); // a retry: fewer rows are final than before
  meter.note(9, 63_000);
  expect(meter.perSecond(63_000)).toBeCloseTo(2);
});

test("numbers for people", () => {
  expect([0, 59.6, 307, 7500, 100_000].map(duration)).toEqual([
    "0s",
    "1m 00s",
    "5m 07s",
    "2h 05m",
    "1d 03h",
  ]);
  expect([0, 999, 12_345, 5e9].map(bytes)).toEqual(["0 B", "999 B", "12.3 kB", "5.0 GB"]);
  expect([0, 4.25, 250.4].map(rate)).toEqual(["0/s", "4.3/s", "250/s"]);
  expect([percent(0, 0), percent(999, 1000)]).toEqual([100, 99]);
});

test("what comes over the network cannot move the cursor", () => {
  expect(printable("a\u001B[2Jb\nc\u009Bd\u2028e")).toBe("a [2Jb c d e");
});

function shown(isLive: boolean, isJson = false) {
  const stream = new PassThrough();
  const output = { stream, isLive, hasColor: false, isUnicode: false, columns: () => 60 };
  const clock = { ms: 0 };
  const view = watchView(createPrinter(output, output, isJson), () => clock.ms);
  return { view, clock, text: () => String(stream.read() ?? "") };
}

const at = (applied: number) => bulkUpdate({ total: 100, queued: 100 - applied, applied });

test("without a terminal: a line at once, then every few seconds if something moved, and for every state", () => {
  const { view, clock, text } = shown(false);
  for (; clock.ms < 12_000; clock.ms += 250) {
    view.show(at(clock.ms / 250));
  }
  view.show(
    bulkUpdate({ total: 100, queued: 52, applied: 48 }, { state: "PAUSED", pausedReason: "by me" }),
  );
  for (; clock.ms < 60_000; clock.ms += 250) {
    view.show(bulkUpdate({ total: 100, queued: 52, applied: 48 }, { state: "PAUSED" }));
  }
  view.show(bulkUpdate({ total: 100, applied: 100 }, { state: "COMPLETED" }));
  view.end();
  expect(text().trimEnd().split("\n")).toEqual([
    "RUNNING 0/100 0% applied=0 unchanged=0 failed=0 cancelled=0",
    expect.stringMatching(/^RUNNING 20\/100 20% applied=20 .* rate=4.0\/s left=20s$/),
    expect.stringMatching(/^RUNNING 40\/100 40% /),
    expect.stringMatching(/^PAUSED 48\/100 48% .*\(by me\)$/),
    expect.stringMatching(/^COMPLETED 100\/100 100% /),
  ]);
});

test("on a terminal: one line, drawn again in place", () => {
  const { view, text } = shown(true);
  view.show(at(1));
  view.show(at(50));
  view.interrupted();
  view.show(at(100));
  view.end();
  const drawn = text();
  expect(drawn.match(/\r/g)).toHaveLength(4);
  expect(drawn.indexOf("\n")).toBe(drawn.length - 1);
  expect(drawn).toContain("the gateway is away");
});

test("with --json: every change, one document a line", () => {
  const { view, text } = shown(true, true);
  view.show(at(1));
  view.interrupted();
  view.show(at(1));
  view.show(at(2));
  view.end();
  const documents = text().trimEnd().split("\n");
  expect(documents.map((line) => JSON.parse(line).counts.applied)).toEqual([1, 2]);
});
