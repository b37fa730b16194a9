import { type LocalStack, type LocalStackOptions, startLocalStack } from "@patchlane/local-stack";
import { afterAll, beforeAll } from "vitest";

/** One stack for a test file, run from what was built, stopped at the end. */
export function useStack(options: LocalStackOptions): () => LocalStack {
  let stack: LocalStack | undefined;
  beforeAll(async () => {
    stack = await startLocalStack({ runFrom: "dist", ...options });
  });
  afterAll(async () => {
    await stack?.stop();
  });
  return () => {
    if (stack === undefined) {
      throw new Error("the stack is not started");
    }
    return stack;
  };
}
