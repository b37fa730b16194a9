/** What the watchdog process is asked to run. */
export interface WatchdogTask {
  command: string;
  args: readonly string[];
  /** Ends the command when killing its process would not (a container). Default: SIGKILL. */
  endCommand?: readonly string[];
  /** A data directory to remove when the asking process vanished. Default: leave everything. */
  removeDataDir?: string;
}

/** One line of the watchdog's output. */
export type WatchdogReport = { pid: number } | { exit: string } | { failed: string };
