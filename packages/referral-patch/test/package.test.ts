import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";

const run = promisify(execFile);
const root = join(import.meta.dirname, "..");
let scratch = "";
let tarball = "";

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "referral-patch-"));
  // What is published is made from what is in src now, not from an older build.
  await mkdir(join(scratch, "package"));
  const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  delete manifest.devDependencies;
  delete manifest.scripts;
  await writeFile(join(scratch, "package", "package.json"), JSON.stringify(manifest));
  for (const file of ["README.md", "LICENSE"]) {
    await writeFile(join(scratch, "package", file), await readFile(join(root, file)));
  }
  const tsc = [
    "exec",
    "tsc",
    "-p",
    "tsconfig.build.json",
    "--outDir",
    join(scratch, "package", "dist"),
  ];
  await run("pnpm", tsc, { cwd: root });
  await run("pnpm", ["pack", "--pack-destination", scratch], { cwd: join(scratch, "package") });
  tarball = join(scratch, (await readdir(scratch)).find((name) => name.endsWith(".tgz")) ?? "");
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

const bundle = (external: string[]) =>
  build({
    entryPoints: [join(root, "src", "index.ts")],
    bundle: true,
    format: "esm",
    platform: "browser",
    minify: true,
    write: false,
    external,
    metafile: true,
    logLevel: "silent",
  });

test("runs in a browser: nothing of Node is imported, and it is small", async () => {
  await expect(bundle([])).resolves.toBeDefined();
  const { metafile, outputFiles } = await bundle(["zod"]);
  const imports = Object.values(metafile.outputs).flatMap((output) =>
    output.imports.map(({ path }) => path),
  );
  expect([...new Set(imports)]).toEqual(["zod"]);
  const [output] = outputFiles;
  expect(gzipSync(output?.contents ?? "").length).toBeLessThan(10_000);
  expect(output?.text).not.toMatch(/\bprocess\b|\bBuffer\b|Math\.random|Date\.now|new Date/);
});

test("the package is well formed", async () => {
  await expect(
    run("pnpm", ["exec", "publint", tarball, "--strict"], { cwd: root }),
  ).resolves.toBeDefined();
  const attw = ["exec", "attw", tarball, "--profile", "esm-only"];
  await expect(run("pnpm", attw, { cwd: root })).resolves.toBeDefined();
}, 180_000);

test("the examples of the README run and do what they say", async () => {
  const readme = await readFile(join(root, "README.md"), "utf8");
  const examples = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = ""]) => code);
  expect(examples).toHaveLength(3);
  const results: Record<string, unknown>[] = [];
  for (const [index, code] of examples.entries()) {
    // Not in this package: whoever checks or types it at the same time would meet the file.
    const file = join(scratch, `readme-${index}.ts`);
    const source = JSON.stringify(join(root, "src", "index.ts"));
    await writeFile(file, code.replace('"@patchlane/referral-patch"', source));
    results.push({ ...(await import(file)) });
  }
  expect(results[0]).toEqual({
    paths: ["/status", "/substatus", "/details/dealValue", "/details/notes"],
    codes: ["INVALID_VALUE"],
  });
  expect(results[1]?.after).toMatchObject({
    ok: true,
    referral: {
      details: { dealValue: 50000 },
      team: [{ email: "Jane@contoso.com", firstName: "Jane" }, { email: "joe@contoso.com" }],
    },
  });
  expect(results[2]).toEqual({ size: 1, code: "TRANSITION_NOT_ALLOWED" });
});
