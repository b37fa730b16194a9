import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";

/** A file of the page, as it is served. */
export interface BoardFile {
  readonly type: string;
  readonly path: string;
}

/** What the page is made of; everything is on this disk. */
export interface BoardFiles {
  /** Where the package is. */
  readonly uiPath: string;
  /** By path below the board, such as `static/js/main.js`. What is not in here is not served, whatever a path looks like. */
  readonly files: ReadonlyMap<string, BoardFile>;
  readonly scripts: readonly string[];
  readonly styles: readonly string[];
}

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
};

/** Finds the page's files, and in its template which of them it begins with. */
export async function findBoardFiles(): Promise<BoardFiles> {
  const { resolve } = createRequire(import.meta.url);
  const uiPath = dirname(resolve("@bull-board/ui/package.json"));
  const root = join(uiPath, "dist");
  const files = new Map<string, BoardFile>();
  for (const found of await readdir(join(root, "static"), { recursive: true })) {
    const type = TYPES[extname(found)];
    if (type !== undefined) {
      files.set(`static/${found.replaceAll("\\", "/")}`, {
        type,
        path: join(root, "static", found),
      });
    }
  }
  const template = await readFile(join(root, "index.ejs"), "utf8");
  const named = (pattern: RegExp): string[] =>
    [...template.matchAll(pattern)].map(([, path = ""]) => path).filter((path) => files.has(path));
  return {
    uiPath,
    files,
    scripts: named(/<script defer src="([^"]+)"/g),
    styles: named(/<link href="([^"]+)" rel="stylesheet"/g),
  };
}
