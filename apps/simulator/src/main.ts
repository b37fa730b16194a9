import { readArguments, USAGE } from "./arguments.ts";
import { startSimulator } from "./start-simulator.ts";

try {
  const options = readArguments(process.argv.slice(2));
  if (options === "help") {
    process.stdout.write(USAGE);
  } else {
    const simulator = await startSimulator(options);
    const { url, controlUrl, tokenUrl, control } = simulator;
    const { referrals } = control.state();
    const ready = { ready: true, url, controlUrl, tokenUrl, referrals, pid: process.pid };
    process.stdout.write(`${JSON.stringify(ready)}\n`);
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.once(signal, () => void simulator.close());
    }
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
