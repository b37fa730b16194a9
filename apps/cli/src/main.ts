#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { readEnvironment } from "./env.ts";
import { exitCodes } from "./exit-codes.ts";
import { Interrupted } from "./interruption.ts";
import { outputTo } from "./output/terminal.ts";
import { run } from "./run.ts";

const environment = readEnvironment();
const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    const reason = new Interrupted(signal);
    if (interruption.signal.aborted) {
      process.exit(reason.exitCode); // twice means now
    }
    interruption.abort(reason);
  });
}
for (const stream of [process.stdout, process.stderr]) {
  stream.once("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") {
      process.exit(exitCodes.brokenPipe);
    }
    process.stderr.write(`patchlane: the output cannot be written (${error.code})\n`);
    process.exit(exitCodes.unexpected);
  });
}

const { version } = JSON.parse(
  readFileSync(new URL("../package.json", import.meta.url), "utf8"),
) as { version: string };

process.exitCode = await run(process.argv.slice(2), {
  version,
  environment,
  directory: process.cwd(),
  stdin: process.stdin,
  out: outputTo(process.stdout, environment),
  err: outputTo(process.stderr, environment),
  signal: interruption.signal,
  now: () => performance.now(),
});

// What still comes there is of no interest, and must not keep the process.
process.stdin.destroy();
