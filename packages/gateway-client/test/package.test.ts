import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
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
  scratch = await mkdtemp(join(tmpdir(), "gateway-client-"));
  const copy = join(scratch, "package");
  await mkdir(copy);
  // What is published is made from what is in src now, not from an older build.
  const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  delete manifest.devDependencies;
  delete manifest.scripts;
  await writeFile(join(copy, "package.json"), JSON.stringify(manifest));
  for (const file of ["README.md", "LICENSE", "trusted-documents.json"]) {
    await cp(join(root, file), join(copy, file));
  }
  const tsc = ["exec", "tsc", "-p", "tsconfig.build.json", "--outDir", join(copy, "dist")];
  await run("pnpm", tsc, { cwd: root });
  await run("pnpm", ["pack", "--pack-destination", scratch], { cwd: copy });
  tarball = join(scratch, (await readdir(scratch)).find((name) => name.endsWith(".tgz")) ?? "");
}, 180_000);

afterAll(() => rm(scratch, { recursive: true, force: true }));

test("the package is well formed", async () => {
  const publint = ["exec", "publint", tarball, "--strict"];
  await expect(run("pnpm", publint, { cwd: root })).resolves.toBeDefined();
  const attw = ["exec", "attw", tarball, "--profile", "esm-only"];
  await expect(run("pnpm", attw, { cwd: root })).resolves.toBeDefined();
}, 180_000);

test("it runs in a browser: nothing of Node is in it, and it is small", async () => {
  const { metafile, outputFiles } = await build({
    entryPoints: [join(scratch, "package", "dist", "index.js")],
    nodePaths: [join(root, "node_modules")],
    bundle: true,
    format: "esm",
    platform: "browser",
    minify: true,
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  expect(imports).toEqual([]);
  const [output] = outputFiles;
  expect(output?.text).not.toMatch(/\bnode:|\bBuffer\b|\bprocess\.|\brequire\(|\bsetImmediate\b/);
  expect(gzipSync(output?.contents ?? "").length).toBeLessThan(12_000);
});

test("what is not used falls out of a bundle", async () => {
  const code = 'import { isUpdateFinal } from "./dist/index.js"; console.log(isUpdateFinal);';
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: join(scratch, "package") },
    nodePaths: [join(root, "node_modules")],
    bundle: true,
    format: "esm",
    platform: "browser",
    minify: true,
    write: false,
    logLevel: "silent",
  });
  expect(outputFiles[0]?.text.length).toBeLessThan(500);
});

/** A program as somebody writes it who has nothing but the package. */
const CONSUMER = `
import {
  createGatewayClient,
  GatewayRateLimitedError,
  type Referral,
  type ReferralUpdate,
} from "@patchlane/gateway-client";

const client = createGatewayClient({ url: "https://gateway.example", token: async () => "t" });

export async function change(id: string, signal: AbortSignal): Promise<ReferralUpdate | undefined> {
  const result = await client.updateReferral(
    { referralId: id, changes: { details: { dealValue: "1.50" }, status: "Active" } },
    { signal },
  );
  switch (result.__typename) {
    case "UpdateReferralPayload":
      return result.update ?? undefined;
    case "InvalidTransitionError":
      throw new Error(result.allowed.map(({ status }) => status).join());
    default:
      throw new Error(result.message);
  }
}

export async function all(): Promise<Referral[]> {
  const found: Referral[] = [];
  for await (const referral of client.eachReferral({ status: "New" })) found.push(referral);
  return found;
}

export const waitMs = (error: unknown): number =>
  error instanceof GatewayRateLimitedError ? (error.retryAfterMs ?? 0) : 0;

// @ts-expect-error a status there is none of
void client.referrals({ status: "Clozed" });
// @ts-expect-error a field there is none of
void client.updateReferral({ referralId: "r", changes: { dealvalue: 1 } });
`;

test.each([
  [
    "node16 with Node's types",
    { module: "node16", moduleResolution: "node16", types: ["node"], lib: ["es2022"] },
  ],
  ["nodenext with Node's types", { module: "nodenext", types: ["node"], lib: ["es2022"] }],
  [
    "a bundler with the browser's types",
    {
      module: "esnext",
      moduleResolution: "bundler",
      types: [],
      lib: ["es2022", "dom", "dom.asynciterable"],
    },
  ],
])(
  "a consumer's program checks under %s",
  async (name, compilerOptions) => {
    const home = join(scratch, name.replaceAll(/\W/g, "-"));
    await mkdir(join(home, "node_modules", "@patchlane"), { recursive: true });
    await mkdir(join(home, "node_modules", "@types"));
    await symlink(
      join(scratch, "package"),
      join(home, "node_modules", "@patchlane", "gateway-client"),
    );
    await symlink(
      join(root, "../../node_modules/@types/node"),
      join(home, "node_modules/@types/node"),
    );
    await writeFile(join(home, "consumer.ts"), CONSUMER);
    await writeFile(join(home, "package.json"), '{"type":"module"}');
    const strict = {
      strict: true,
      noEmit: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
    };
    const options = { ...compilerOptions, ...strict, target: "es2022" };
    const config = { compilerOptions: options, files: ["consumer.ts"] };
    await writeFile(join(home, "tsconfig.json"), JSON.stringify(config));
    const check = run("pnpm", ["exec", "tsc", "-p", home], { cwd: root });
    await expect(
      check.catch((error: { stdout: string }) => Promise.reject(error.stdout)),
    ).resolves.toBeDefined();
  },
  180_000,
);
