const WIDTH = 32;

/** Live progress: one line redrawn on a terminal, a plain line now and then elsewhere. */
export function progressLine(
  stream: NodeJS.WriteStream,
  total: number,
): (done: number, note: string) => void {
  let lastPrinted = -1;
  return (done, note) => {
    const filled = Math.round((done / total) * WIDTH);
    const bar = "█".repeat(filled) + "░".repeat(WIDTH - filled);
    if (stream.isTTY) {
      stream.write(`\r  ${bar} ${done}/${total} ${note}\u001B[K${done === total ? "\n" : ""}`);
    } else if (done === total || done - lastPrinted >= total / 5) {
      lastPrinted = done;
      stream.write(`  ${done}/${total} ${note}\n`);
    }
  };
}
