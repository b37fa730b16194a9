import type { Scenario } from "../scenario.ts";

export const WRITES = { method: "PATCH" };

/** Somebody else's write that touches nothing of ours: only the ETag changes under us. */
export const BYSTANDER = {
  kind: "intruder",
  patch: [{ op: "add", path: "/name", value: "Renamed by somebody else" }],
};

/** The upstream's answers get lost, or are not what they should be. */
export const answerScenarios: readonly Scenario[] = [
  {
    name: "answers lost after the write, appends included",
    load: { appendShare: 0.8, updates: 400, pauseMs: 100 },
    async trouble({ upstream }) {
      await upstream.misbehave({
        match: { ...WRITES, probability: 0.3 },
        fault: { kind: "cutAfterWrite" },
      });
    },
  },
  {
    name: "2,000 people added one by one, half of the answers lost",
    load: { referrals: 100, updates: 2_000, appendShare: 1, repeatShare: 0, isOneByOne: true },
    async trouble({ upstream }) {
      await upstream.misbehave({
        match: { ...WRITES, probability: 0.3 },
        fault: { kind: "cutAfterWrite" },
      });
      await upstream.misbehave({
        match: { ...WRITES, probability: 0.2 },
        fault: { kind: "status", status: 504, isApplied: true },
      });
    },
  },
  {
    name: "connections cut before the write",
    load: { pauseMs: 100 },
    async trouble({ upstream }) {
      await upstream.misbehave({
        match: { ...WRITES, probability: 0.3 },
        fault: { kind: "cutBeforeWrite" },
      });
    },
  },
  {
    name: "answers that never come, written or not",
    load: { pauseMs: 300 },
    stack: { settings: { PARTNER_CENTER_TIMEOUT_MS: "1500" } },
    async trouble({ upstream }) {
      for (const isApplied of [true, false]) {
        await upstream.misbehave({
          match: { ...WRITES, probability: 0.1 },
          fault: { kind: "hang", isApplied },
        });
      }
    },
  },
  {
    name: "500 although it was written, or not",
    load: { appendShare: 0.8, pauseMs: 100 },
    async trouble({ upstream }) {
      for (const isApplied of [true, false]) {
        await upstream.misbehave({
          match: { ...WRITES, probability: 0.15 },
          fault: { kind: "status", status: 500, isApplied },
        });
      }
    },
  },
  {
    name: "missing, truncated and garbage representations",
    load: { pauseMs: 100 },
    async trouble({ upstream }) {
      for (const kind of ["noRepresentation", "truncatedBody", "garbageBody"]) {
        await upstream.misbehave({ match: { ...WRITES, probability: 0.2 }, fault: { kind } });
      }
    },
  },
  {
    name: "somebody else writes in between (ETag races)",
    load: { pauseMs: 100 },
    async trouble({ upstream }) {
      await upstream.misbehave({ match: { ...WRITES, probability: 0.3 }, fault: BYSTANDER });
    },
  },
  {
    name: "somebody else writes the same field in between",
    load: { pauseMs: 100 },
    hasForeignNotes: true,
    async trouble({ upstream }) {
      await upstream.misbehave({
        match: { ...WRITES, probability: 0.3 },
        fault: { kind: "intruder" },
      });
    },
  },
  {
    name: "ETag races and lost answers together",
    load: { appendShare: 0.8, updates: 400, pauseMs: 100 },
    async trouble({ upstream }) {
      await upstream.misbehave({ match: { ...WRITES, probability: 0.2 }, fault: BYSTANDER });
      for (const kind of ["cutAfterWrite", "cutBeforeWrite"]) {
        await upstream.misbehave({ match: { ...WRITES, probability: 0.15 }, fault: { kind } });
      }
    },
  },
];
