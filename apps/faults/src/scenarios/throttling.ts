import type { Scenario } from "../scenario.ts";
import { sleep } from "../submitter.ts";

/** The upstream refuses for the rate. */
export const throttlingScenarios: readonly Scenario[] = [
  ...(["seconds", "date", "absent"] as const).map(
    (retryAfter): Scenario => ({
      name: `429 storms, Retry-After ${retryAfter}`,
      pauseMs: 200,
      async trouble({ upstream, did, random }) {
        for (let storm = 0; storm < 3; storm++) {
          await sleep(random.between(300, 800));
          await upstream.misbehave({
            id: "storm",
            fault: {
              kind: "status",
              status: 429,
              retryAfter: retryAfter === "seconds" ? 1 : retryAfter,
            },
          });
          await sleep(random.between(1_000, 2_000));
          await upstream.behave();
          did("storms");
        }
      },
    }),
  ),
  ...(["token-bucket", "sliding-window"] as const).map(
    (limiter): Scenario => ({
      name: `${limiter} at the configured rate`,
      size: 3,
      appendShare: 0,
      stack: { simulatorArguments: ["--limiter", limiter, "--burst", "10"] },
      async trouble({ did }) {
        did("runs");
      },
    }),
  ),
];
