import { startLocalStack } from "@patchlane/local-stack";
import pc from "picocolors";
import { runDemo } from "./run-demo.ts";
import { stopOnSignal } from "./stop-on-signal.ts";

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const LIMIT_PER_SECOND = 20;

say(
  pc.bold(
    "Patchlane demo: Redis, a simulator of Partner Center, gateway and two workers on this machine",
  ),
);
const stack = await startLocalStack({
  referrals: 500,
  ratePerSecond: LIMIT_PER_SECOND,
  workers: 2,
  simulatorArguments: ["--burst", "2"],
});
const disarm = stopOnSignal(() => stack.stop());
let isRight = false;
try {
  isRight = await runDemo(stack, LIMIT_PER_SECOND, say);
} finally {
  disarm();
  await stack.stop();
}
say(
  isRight
    ? pc.green("Everything is as it should be. Nothing is left running.")
    : pc.red("Something is not as it should be: see the lines marked !!."),
);
process.exitCode = isRight ? 0 : 1;
