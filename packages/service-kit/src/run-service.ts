import type { Logger } from "pino";
import { SettingsError } from "./settings.ts";

/** A running service. */
export interface Service {
  /** Takes nothing new, lets what is under way end, hands over the rest; bounded by its own limits. */
  stop(): Promise<void>;
}

/** ms a stop may take before the process ends anyway; nothing is lost, leases and locks run out. */
const LONGEST_STOP_MS = 40_000;

/**
 * Runs a service until SIGTERM or SIGINT. Settings that cannot work end the process with a readable list
 * and exit code 1.
 */
export async function runService(
  start: () => Promise<{ service: Service; log: Logger }>,
): Promise<void> {
  const asked = new Promise<string>((resolve) => {
    process.on("SIGTERM", resolve);
    process.on("SIGINT", resolve);
  });
  let running: { service: Service; log: Logger };
  try {
    running = await start();
  } catch (error) {
    if (error instanceof SettingsError) {
      process.stderr.write(`${error.message}\n`);
      process.exit(1);
    }
    throw error;
  }
  const { service, log } = running;
  const signal = await asked;
  log.info({ signal }, "stopping");
  setTimeout(() => {
    log.error("stop took too long, ending anyway");
    process.exit(1);
  }, LONGEST_STOP_MS).unref();
  try {
    await service.stop();
    log.info("stopped");
  } catch (error) {
    log.error({ error }, "did not stop cleanly");
    process.exitCode = 1;
  }
  log.flush();
  process.exit();
}
