import { type Fault, type FaultRule, type FaultRuleInput, parseFaultRules } from "./fault-rules.ts";
import { createRandom, hashSeed, type Random } from "./random.ts";

/** What a rule looks at. */
export interface FaultSubject {
  readonly endpoint: "api" | "token";
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly referralId: string | undefined;
  /** The request's body as text; empty when there is none. */
  readonly body: string;
}

/** A fault that strikes a request. */
export interface StruckFault {
  readonly ruleId: string;
  readonly fault: Fault;
  /** The rule's own seeded randomness, for jitter. */
  readonly random: Random;
}

/** A rule and how often it was looked at and struck. */
export interface FaultRuleState {
  readonly rule: FaultRule;
  readonly seen: number;
  readonly struck: number;
}

/** The rules in force. */
export interface FaultBook {
  /** Adds rules (one or many); returns their ids. A rule with a known id replaces it. Throws Error. */
  add(rules: FaultRuleInput | readonly FaultRuleInput[]): string[];
  /** Removes one rule, or all. Returns how many there were. */
  clear(id?: string): number;
  list(): FaultRuleState[];
  /**
   * The faults that strike this request, in the order the rules were added. Several combine
   * (latency and an intruder, say); of those that decide the answer, the first wins.
   */
  strike(subject: FaultSubject): readonly StruckFault[];
}

const NOTHING: readonly StruckFault[] = [];

/** An empty book. Every rule draws from its own sequence, so rules do not disturb each other. */
export function createFaultBook(seed: number, nowMs: () => number): FaultBook {
  interface Entry {
    readonly rule: FaultRule;
    readonly pattern: RegExp | undefined;
    readonly bodyPattern: RegExp | undefined;
    readonly random: Random;
    readonly addedAtMs: number;
    seen: number;
    struck: number;
  }
  const entries = new Map<string, Entry>();
  let lastId = 0;

  function isStruck(entry: Entry, subject: FaultSubject): boolean {
    const { match } = entry.rule;
    if (match.endpoint !== subject.endpoint) return false;
    if (match.method !== undefined && match.method.toUpperCase() !== subject.method) return false;
    if (match.referralId !== undefined && match.referralId.toLowerCase() !== subject.referralId) {
      return false;
    }
    if (entry.pattern !== undefined && !entry.pattern.test(subject.path)) return false;
    if (entry.bodyPattern !== undefined && !entry.bodyPattern.test(subject.body)) return false;
    const ageMs = nowMs() - entry.addedAtMs;
    if (match.afterMs !== undefined && ageMs < match.afterMs) return false;
    if (match.untilMs !== undefined && ageMs > match.untilMs) return false;
    if (match.until !== undefined && Date.now() > Date.parse(match.until)) return false;
    entry.seen += 1;
    if (match.nth !== undefined && ![match.nth].flat().includes(entry.seen)) return false;
    if (match.times !== undefined && entry.struck >= match.times) return false;
    if (match.probability !== undefined && entry.random() >= match.probability) return false;
    entry.struck += 1;
    return true;
  }

  return {
    add(input) {
      const rules = parseFaultRules(input);
      return rules.map((parsed) => {
        const id = parsed.id ?? `fault-${++lastId}`;
        const rule: FaultRule = { ...parsed, id };
        entries.delete(id);
        entries.set(id, {
          rule,
          pattern: compile(rule.match.pathPattern),
          bodyPattern: compile(rule.match.bodyPattern),
          random: createRandom(seed ^ hashSeed(id)),
          addedAtMs: nowMs(),
          seen: 0,
          struck: 0,
        });
        return id;
      });
    },
    clear(id) {
      if (id !== undefined) return entries.delete(id) ? 1 : 0;
      const count = entries.size;
      entries.clear();
      return count;
    },
    list: () => [...entries.values()].map(({ rule, seen, struck }) => ({ rule, seen, struck })),
    strike(subject) {
      if (entries.size === 0) return NOTHING;
      const struck: StruckFault[] = [];
      for (const entry of entries.values()) {
        if (!isStruck(entry, subject)) continue;
        struck.push({ ruleId: entry.rule.id, fault: entry.rule.fault, random: entry.random });
      }
      return struck;
    },
  };
}

function compile(source: string | undefined): RegExp | undefined {
  return source === undefined ? undefined : new RegExp(source);
}
