/**
 * Ends the process when the user interrupts, stopping what was started. Armed before anything starts:
 * until there is something to stop in order, ending the process ends its children.
 */
export class Interruption {
  #stop: (() => Promise<void>) | undefined;
  #isStopping = false;

  constructor() {
    process.on("SIGINT", () => void this.#interrupt(130));
    process.on("SIGTERM", () => void this.#interrupt(143));
  }

  stopsBy(stop: () => Promise<void>): void {
    this.#stop = stop;
  }

  /** What fails from now on fails because everything is being stopped. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** A second signal does not wait any longer: ending the process ends its children. */
  async #interrupt(exitCode: number): Promise<void> {
    if (this.#isStopping) {
      process.exit(exitCode);
    }
    this.#isStopping = true;
    process.stdout.write("\nStopping …\n");
    await this.#stop?.().catch(() => undefined);
    process.exit(exitCode);
  }
}
