/** One run of the server, from its start to its end; a restart makes a new one. */
export interface RunningServer {
  readonly pid: number;
  isGone(): boolean;
  /** Asks it to end and resolves when it is gone; at once when it already is. */
  end(signal: "SIGKILL" | "SIGTERM"): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Whether the process id inside the server's own answer must be `pid`. */
  readonly showsPid: boolean;
  /** Resolves when it is gone. Never rejects. */
  readonly gone: Promise<void>;
  stderr(): string;
  /** Whether it keeps our event loop alive (at first it does). */
  keepsUsAlive(value: boolean): void;
}

/** A graceful shutdown takes milliseconds; a server that needs longer is stuck and is killed. */
export const STOP_GRACE_MS = 10_000;
