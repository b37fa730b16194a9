import { existsSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { readPage, WORKSPACE } from "./support/markdown.ts";
import { everyPage } from "./support/pages.ts";

test.each(everyPage())("links of %s lead somewhere", async (path) => {
  const broken: string[] = [];
  for (const target of linksOf(await readPage(path))) {
    const [file = "", anchor] = target.split("#");
    const to = file === "" ? path : normalize(join(dirname(path), decodeURI(file)));
    if (to.startsWith("..") || !existsSync(join(WORKSPACE, to))) {
      broken.push(`${target}: there is no such file`);
    } else if (anchor !== undefined && !(await anchorsOf(to)).includes(anchor)) {
      broken.push(`${target}: there is no such heading`);
    }
  }
  expect(broken).toEqual([]);
});

/** Targets of links that are not addresses. */
function linksOf(page: string): string[] {
  return [...withoutCode(page).matchAll(/\]\(([^()\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/i.test(target));
}

/** Headings as GitHub names them. */
async function anchorsOf(path: string): Promise<string[]> {
  const file = statSync(join(WORKSPACE, path)).isDirectory() ? join(path, "README.md") : path;
  const headings = withoutBlocks(await readPage(file)).matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, text = ""]) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, "")
      .replaceAll(" ", "-"),
  );
}

const withoutBlocks = (page: string): string => page.replace(/^ *```[\s\S]*?^ *```/gm, "");

const withoutCode = (page: string): string => withoutBlocks(page).replace(/`[^`\n]*`/g, "");
