import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { cpus, loadavg, release, totalmem } from "node:os";
import { promisify } from "node:util";

/** Where and with what a benchmark was run. Names no host and no path. */
export interface Environment {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly kernel: string;
  /** Processes that wanted a core in the minute before it began: above about 0.5, others were at work. */
  readonly loadBefore: number;
  /** Of the source, "+" when it had changes that were not committed; "" outside a checkout. */
  readonly commit: string;
  readonly versions: Readonly<Record<string, string>>;
}

/** `packages`: dependencies of `bench/package.json`. */
export async function lookAround(packages: readonly string[]): Promise<Environment> {
  const [cpu] = cpus();
  return {
    date: new Date().toISOString(),
    cpu: cpu?.model ?? "unknown",
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
    commit: await commit(),
    versions: {
      node: process.versions.node,
      redis: await redisVersion(),
      ...(await packageVersions(packages)),
    },
  };
}

async function packageVersions(packages: readonly string[]): Promise<Record<string, string>> {
  const text = await readFile(new URL("../../package.json", import.meta.url), "utf8");
  const { dependencies } = JSON.parse(text) as { dependencies: Record<string, string> };
  return Object.fromEntries(
    packages.map((name) => {
      const version = dependencies[name];
      if (version === undefined) {
        throw new Error(`bench/package.json does not depend on ${name}`);
      }
      return [name, version];
    }),
  );
}

async function redisVersion(): Promise<string> {
  for (const server of ["redis-server", "valkey-server"]) {
    const said = await outputOf(server, ["--version"]);
    const version = /v=(\S+)/.exec(said)?.[1];
    if (version !== undefined) {
      return version;
    }
  }
  return "unknown";
}

async function commit(): Promise<string> {
  const head = (await outputOf("git", ["rev-parse", "--short", "HEAD"])).trim();
  const source = ["apps", "packages", "bench/src"].map((folder) => `:(top)${folder}`);
  const changes = await outputOf("git", ["status", "--porcelain", "--", ...source]);
  return changes.trim() === "" ? head : `${head}+`;
}

/** Of a command that may not be there: "" then. */
async function outputOf(command: string, args: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)(command, [...args])).stdout;
  } catch {
    return "";
  }
}
