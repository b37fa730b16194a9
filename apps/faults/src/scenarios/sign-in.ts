import type { Scenario, Stage } from "../scenario.ts";
import { sleep, until } from "../sleep.ts";

/** ms in which the account must be seen to pause, and to resume. */
const NOTICED_WITHIN_MS = 30_000;
const DEAD_FOR_MS = 8_000;

/** Tokens expire, or are not to be had. */
export const signInScenarios: readonly Scenario[] = [
  {
    name: "access tokens expire in the middle",
    stack: { signIn: "refreshToken", simulatorArguments: ["--access-token-seconds", "6"] },
    load: { updates: 400, pauseMs: 400 },
    async trouble({ upstream, random, did, isGoingOn }) {
      while (isGoingOn()) {
        await sleep(random.between(1_000, 4_000));
        await upstream.tokens({ expireAccessTokens: true });
        did("tokens expired early");
      }
    },
  },
  {
    name: "a token endpoint that often fails",
    stack: { signIn: "refreshToken", simulatorArguments: ["--access-token-seconds", "4"] },
    load: { updates: 200, pauseMs: 500 },
    async trouble({ upstream }) {
      for (const fault of [{ kind: "status", status: 503 }, { kind: "cutBeforeWrite" }]) {
        await upstream.misbehave({ match: { endpoint: "token", probability: 0.25 }, fault });
      }
    },
  },
  {
    name: "the refresh token is dead for a while",
    stack: { signIn: "refreshToken" },
    load: { pauseMs: 300 },
    settleWithinMs: 60_000,
    trouble: (stage) =>
      pausedWhile(
        stage,
        { rejectRefreshTokens: true, expireAccessTokens: true },
        "refresh token dead",
      ),
  },
  {
    name: "every access token is refused for a while",
    stack: { signIn: "refreshToken" },
    load: { pauseMs: 300 },
    settleWithinMs: 60_000,
    trouble: (stage) => pausedWhile(stage, { rejectAccessTokens: true }, "all tokens refused"),
  },
];

/** The account pauses, says why, fails nothing, and goes on by itself. */
async function pausedWhile(
  { upstream, gateway, submitter, did, note, broken }: Stage,
  change: Readonly<Record<string, boolean>>,
  what: string,
): Promise<void> {
  await sleep(1_000);
  await upstream.tokens(change);
  did(what);
  const isPaused = await until(async () => {
    const queue = await gateway.queue();
    return queue?.paused === true && (queue.pausedReason ?? "") !== "";
  }, NOTICED_WITHIN_MS);
  if (!isPaused) {
    broken("the account does not say that it is paused, and why");
  }
  await sleep(DEAD_FOR_MS);
  note(`paused: "${(await gateway.queue())?.pausedReason}"`);
  const readiness = await gateway.readiness();
  if (!/pause/i.test(readiness ?? "")) {
    broken(`/health/ready does not say that the account is paused: ${readiness}`);
  }
  const fates = await gateway.fates(submitter.accepted.slice(0, 200).map(({ id }) => id));
  if (fates.some(({ state }) => state === "FAILED")) {
    broken("updates failed although only sign-in did not work");
  }
  await upstream.tokens({ rejectRefreshTokens: false, rejectAccessTokens: false });
  if (!(await until(async () => (await gateway.queue())?.paused === false, NOTICED_WITHIN_MS))) {
    broken(`still paused ${NOTICED_WITHIN_MS / 1000} s after sign-in worked again`);
  }
}
