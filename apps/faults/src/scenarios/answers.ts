import type { Scenario } from "../scenario.ts";
import { sleep } from "../submitter.ts";

const WRITES = { method: "PATCH" };

/** The upstream's answers get lost, or are not what they should be. */
export const answerScenarios: readonly Scenario[] = [
  {
    name: "answers lost after the write, appends included",
    appendShare: 0.8,
    size: 2,
    async trouble({ upstream, did }) {
      await upstream.misbehave({
        match: { ...WRITES, probability: 0.3 },
        fault: { kind: "cutAfterWrite" },
      });
      did("rule: 30 % of answers lost");
    },
  },
  {
    name: "connections cut before the write",
    async trouble({ upstream, did }) {
      await upstream.misbehave({
        match: { ...WRITES, probability: 0.3 },
        fault: { kind: "cutBeforeWrite" },
      });
      did("rule: 30 % cut");
    },
  },
  {
    name: "500 although it was written, or not",
    appendShare: 0.8,
    async trouble({ upstream, did }) {
      await upstream.misbehave({
        match: { ...WRITES, probability: 0.15 },
        fault: { kind: "status", status: 500, isApplied: true },
      });
      await upstream.misbehave({
        match: { ...WRITES, probability: 0.15 },
        fault: { kind: "status", status: 500 },
      });
      did("rule: 30 % answered 500");
    },
  },
  {
    name: "missing, truncated and garbage representations",
    async trouble({ upstream, did }) {
      for (const kind of ["noRepresentation", "truncatedBody", "garbageBody"]) {
        await upstream.misbehave({ match: { ...WRITES, probability: 0.2 }, fault: { kind } });
      }
      did("rules: 60 % unreadable");
    },
  },
  {
    name: "somebody else writes in between (ETag races)",
    hasIntruders: true,
    async trouble({ upstream, did }) {
      await upstream.misbehave({
        match: { ...WRITES, probability: 0.3 },
        fault: { kind: "intruder" },
      });
      did("rule: 30 % of writes raced");
    },
  },
  {
    name: "503 for everybody for a while",
    pauseMs: 200,
    async trouble({ upstream, did }) {
      await sleep(500);
      await upstream.misbehave({ fault: { kind: "status", status: 503, retryAfter: "absent" } });
      await sleep(8_000);
      await upstream.behave();
      did("outage of 8 s");
    },
  },
];
