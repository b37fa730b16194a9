import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { WORKSPACE } from "./markdown.ts";

/** Folders that hold nothing of ours; those that begin with a dot are left out as well. */
const NOT_OURS = ["node_modules", "dist", "coverage"];

/** Every page (`*.md`) of the workspace, as paths from its root. */
export function everyPage(folder = WORKSPACE): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith(".") && !NOT_OURS.includes(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory()
        ? everyPage(path)
        : entry.name.endsWith(".md")
          ? [relative(WORKSPACE, path)]
          : [];
    });
}
