import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { WORKSPACE } from "./markdown.ts";

/** What the compiler has against programs, of which the first is what the others begin with; empty when it has nothing. */
export async function typeProblems([
  beginning = "",
  ...others
]: readonly string[]): Promise<string> {
  const directory = await mkdtemp(join(WORKSPACE, "docs/.data-"));
  try {
    const program = [beginning, ...others.map((text) => `{\n${text}\n}`)].join("\n");
    await writeFile(join(directory, "program.ts"), program);
    const settings = { extends: "../tsconfig.json", include: ["*.ts"] };
    await writeFile(join(directory, "tsconfig.json"), JSON.stringify(settings));
    const compiler = join(WORKSPACE, "node_modules/.bin/tsc");
    const run = promisify(execFile)(compiler, ["-p", directory], { cwd: directory });
    return await run.then(
      () => "",
      ({ stdout, message }: { stdout?: string; message: string }) => stdout || message,
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
