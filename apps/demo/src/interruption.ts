/**
 * Ends the process when the user interrupts, stopping what was started. Armed before anything starts:
 * until there is something to stop in order, ending the process ends its children.
 */
export class Interruption {
  #stop: (() => Promise<void>) | undefined;
  #isStopping = false;

  constructor() {
    process.on("SIGINT", () => void this.#interrupt());
    process.on("SIGTERM", () => void this.#interrupt());
  }

  stopsBy(stop: () => Promise<void>): void {
    this.#stop = stop;
  }

  async #interrupt(): Promise<void> {
    if (this.#isStopping) {
      return;
    }
    this.#isStopping = true;
    process.stdout.write("\nStopping …\n");
    await this.#stop?.().catch(() => undefined);
    process.exit(130);
  }
}
