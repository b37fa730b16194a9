import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";

const run = promisify(execFile);
const root = join(import.meta.dirname, "..");

test("the package is well formed", async () => {
  const scratch = await mkdtemp(join(tmpdir(), "gateway-client-"));
  onTestFinished(() => rm(scratch, { recursive: true, force: true }));
  const copy = join(scratch, "package");
  await mkdir(copy);
  // What is published is made from what is in src now, not from an older build.
  const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  delete manifest.devDependencies;
  delete manifest.scripts;
  await writeFile(join(copy, "package.json"), JSON.stringify(manifest));
  for (const name of ["README.md", "trusted-documents.json"]) {
    await cp(join(root, name), join(copy, name));
  }
  const tsc = ["exec", "tsc", "-p", "tsconfig.build.json", "--outDir", join(copy, "dist")];
  await run("pnpm", tsc, { cwd: root });
  await run("pnpm", ["pack", "--pack-destination", scratch], { cwd: copy });
  const tarball = (await readdir(scratch)).find((name) => name.endsWith(".tgz")) ?? "";
  const publint = ["exec", "publint", join(scratch, tarball), "--strict"];
  await expect(run("pnpm", publint, { cwd: root })).resolves.toBeDefined();
}, 180_000);
