/** A program that starts a process, says its id, and stays. */
import { startChild } from "../../src/index.ts";

const { service } = await startChild({
  name: "child",
  nodeArguments: [
    "-e",
    "console.log(JSON.stringify({ ready: true })); setInterval(() => {}, 1000)",
  ],
  environment: {},
  isReady: (line) => line.ready === true,
});
console.log(JSON.stringify({ pid: service.pid }));
setInterval(() => {}, 60_000);
