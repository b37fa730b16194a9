import type { Answer } from "./answer.ts";

/** Answers remembered for repeated request-ids. */
const CAPACITY = 50_000;

/** Answers to writes by what was asked and the request-id it carried. */
export interface ReplayMemory {
  get(key: string): Answer | undefined;
  keep(key: string, answer: Answer): void;
}

/** An empty memory of the newest answers. */
export function createReplayMemory(): ReplayMemory {
  const answers = new Map<string, Answer>();
  return {
    get: (key) => answers.get(key),
    keep(key, answer) {
      answers.set(key, answer);
      if (answers.size > CAPACITY) answers.delete(answers.keys().next().value ?? "");
    },
  };
}
