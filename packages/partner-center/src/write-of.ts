import type { PatchInput } from "./client.ts";

/** What of a write stands in its request besides the ids. */
export function writeOf({ patch, ifMatch }: Pick<PatchInput, "patch" | "ifMatch">): {
  body: string;
  ifMatch: string | undefined;
} {
  return { body: JSON.stringify(patch), ifMatch };
}
