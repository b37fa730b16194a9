import { expect, test } from "vitest";
import { startLocalStack } from "../src/index.ts";

const query = async (gatewayUrl: string, text: string): Promise<unknown> => {
  const response = await fetch(gatewayUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: text }),
  });
  return ((await response.json()) as { data: unknown }).data;
};

test("services may sign in by refresh token; nothing is left after stop, also when a part is gone or paused", async () => {
  const stack = await startLocalStack({ referrals: 3, workers: 2, signIn: "refreshToken" });
  const pids = [stack.gateway, stack.simulator, ...stack.workers].map(({ pid }) => pid);
  try {
    const example = `{ referral(id: "61c65491-2f2c-461a-84b4-3654499bc1d9") { status } }`;
    expect(await query(stack.gatewayUrl, example)).toEqual({ referral: { status: "New" } });
    const state = await fetch(`${stack.controlUrl}/state`);
    const { counters } = (await state.json()) as {
      counters: { tokenRequestsByStatus: Record<string, number> };
    };
    expect(counters.tokenRequestsByStatus[200]).toBeGreaterThan(0);
    stack.workers[0]?.signal("SIGKILL");
    stack.workers[1]?.signal("SIGSTOP");
  } finally {
    await stack.stop();
  }
  for (const pid of pids) {
    expect(() => process.kill(pid, 0)).toThrow();
  }
}, 60_000);
