import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** Where the workspace is. */
export const WORKSPACE = fileURLToPath(new URL("../../..", import.meta.url));

/** A fenced block of a page. */
export interface Block {
  /** `page.md:line`, of the line under the fence. */
  readonly at: string;
  /** The first word behind the fence: `sh`, `ts`, `graphql` … */
  readonly language: string;
  readonly text: string;
  /** Why it is not run, from an HTML comment `<!-- not run: … -->` right above it. */
  readonly notRun?: string;
  /** What it is said to print: the next block, when that is `text` or `json` and only an empty line lies between. */
  readonly output?: string;
}

/** Reads a page of the workspace. */
export function readPage(path: string): Promise<string> {
  return readFile(`${WORKSPACE}/${path}`, "utf8");
}

/** The fenced blocks of a page, in order; those that show what the one before prints are part of that one. */
export function blocksOf(path: string, page: string): Block[] {
  const lines = page.split("\n");
  const blocks: (Block & { end: number; start: number })[] = [];
  for (let start = 0; start < lines.length; start += 1) {
    const [, indent = "", fence, language = ""] =
      /^( *)(```+)([\w-]*)[^`]*$/.exec(lines[start] ?? "") ?? [];
    if (fence === undefined) {
      continue;
    }
    const end = lines.findIndex((line, at) => at > start && line.trimEnd() === indent + fence);
    if (end < 0) {
      throw new Error(`${path}:${start + 1}: the block has no end`);
    }
    const text = lines
      .slice(start + 1, end)
      .map((line) => line.slice(indent.length))
      .join("\n");
    const [, notRun] = /^<!-- not run: (.+) -->$/.exec(lines[start - 1]?.trim() ?? "") ?? [];
    const before = blocks.at(-1);
    const isOutput =
      (language === "text" || language === "json") &&
      before !== undefined &&
      before.output === undefined &&
      lines.slice(before.end + 1, start).every((line) => line.trim() === "");
    if (isOutput) {
      blocks[blocks.length - 1] = { ...before, output: text, end };
    } else {
      const at = `${path}:${start + 2}`;
      blocks.push({
        at,
        language,
        text,
        start,
        end,
        ...(notRun === undefined ? {} : { notRun }),
      });
    }
    start = end;
  }
  return blocks;
}
