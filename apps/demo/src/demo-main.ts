import { givenRedisUrl, startLocalStack } from "@patchlane/local-stack";
import pc from "picocolors";
import { Interruption } from "./interruption.ts";
import { isReady, runDemo } from "./run-demo.ts";

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const LIMIT_PER_SECOND = 20;

say(
  pc.bold(
    "Patchlane demo: Redis, a simulator of Partner Center, gateway and two workers on this machine",
  ),
);
const interruption = new Interruption();
const redisUrl = givenRedisUrl();
const stack = await startLocalStack({
  referrals: 500,
  ratePerSecond: LIMIT_PER_SECOND,
  workers: 2,
  // Half a second's worth: on a busy machine the simulator may get that much at once.
  simulatorArguments: ["--burst", "10"],
  // In a Redis that is not ours, an account of its own keeps out of everybody's way.
  settings: { ACCOUNT_ID: `demo-${Date.now()}`, RETENTION_DAYS: "0.02" },
  ...(redisUrl === undefined ? {} : { redisUrl }),
});
interruption.stopsBy(() => stack.stop());
let isRight = false;
try {
  isRight = (await isReady(stack, say)) && (await runDemo(stack, LIMIT_PER_SECOND, say));
} catch (error) {
  if (!interruption.isStopping) {
    throw error;
  }
} finally {
  await (interruption.isStopping ? new Promise(() => {}) : stack.stop());
}
say(
  isRight
    ? pc.green("Everything is as it should be. Nothing is left running.")
    : pc.red("Something is not as it should be: see above."),
);
process.exitCode = isRight ? 0 : 1;
