/** Stops what was started when the user interrupts; returns how to disarm that. */
export function stopOnSignal(stop: () => Promise<void>): () => void {
  const onSignal = (): void => {
    disarm();
    process.stdout.write("\nStopping …\n");
    void stop().then(
      () => process.exit(130),
      () => process.exit(1),
    );
  };
  const disarm = (): void => {
    process.removeListener("SIGINT", onSignal);
    process.removeListener("SIGTERM", onSignal);
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return disarm;
}
