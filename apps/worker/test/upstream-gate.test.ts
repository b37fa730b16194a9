import { refreshTokenProvider } from "@patchlane/partner-center";
import type { AccountStatus } from "@patchlane/update-queue";
import { expect, test, vi } from "vitest";
import type { ProbeFinding } from "../src/probe-upstream.ts";
import { UpstreamGate } from "../src/upstream-gate.ts";
import { notes, REFERRAL, type Rig, rigs, SOON } from "./support/rig.ts";

vi.setConfig({ testTimeout: 240_000 });

const open = rigs();
/** What takes some probes, or a token endpoint's cool-down. */
const IN_A_WHILE = { timeout: 90_000, interval: 20 };

/** An update for each of so many referrals, woken. */
async function submitMany(rig: Rig, count: number): Promise<string[]> {
  const ids: string[] = [];
  for await (const { referrals } of rig.edges.client.listReferrals()) {
    for (const { id: referralId } of referrals.slice(0, count - ids.length)) {
      ids.push(await rig.submit(notes("n"), { referralId }));
      await rig.queue.wake(referralId);
    }
  }
  rig.simulator.control.clearRequests();
  return ids;
}

function failing(rig: Rig, match: Record<string, unknown>, status = 503): void {
  rig.simulator.control.addFaults({ match, fault: { kind: "status", status } });
}

const writes = (rig: Rig) => rig.calls().filter((call) => call.startsWith("PATCH"));
const probes = (rig: Rig) => rig.calls().filter((call) => call.startsWith("GET"));

/** A gate by itself: what it was told, and what it did, in order. */
function gateAlone(found: () => Promise<ProbeFinding>) {
  const gate = new UpstreamGate();
  const story: string[] = [];
  let status: AccountStatus = WELL;
  let tell = (): void => {};
  let hasProbe = true;
  const say = (word: string) => async (): Promise<void> => {
    story.push(word);
  };
  gate.start({
    account: {
      get: async () => status,
      onChange: (listener) => {
        tell = listener;
        return () => {};
      },
      takeProbe: async () => {
        const probe = hasProbe
          ? { answered: say("answered"), failed: say("failed"), abandon: say("abandoned") }
          : undefined;
        hasProbe = false;
        return probe;
      },
    },
    consumer: {
      pause: () => story.push(`paused, ${gate.closing.aborted ? "after" : "before"} handing back`),
      resume: (most) => story.push(most === undefined ? "resumed" : `resumed, ${most} at a time`),
    },
    probe: found,
    log: { info: () => {}, warn: () => {} },
    onError: (error) => story.push(String(error)),
  });
  const hear = (news: Partial<AccountStatus>): void => {
    status = { ...WELL, ...news };
    tell();
  };
  return { gate, story, hear };
}

const WELL: AccountStatus = {
  pausedReason: undefined,
  failuresInARow: 0,
  isDown: false,
  isUnproven: false,
};

test("nothing is taken before the account is known to be well, nothing while it is not", async () => {
  const { gate, story, hear } = gateAlone(async () => "answered");
  expect(story).toEqual([]);
  await expect.poll(() => story, SOON).toEqual(["resumed"]);
  hear({ isDown: true });
  await expect
    .poll(() => story.slice(1), SOON)
    .toEqual(["paused, before handing back", "answered"]);
  const { closing } = gate;
  expect(closing.aborted).toBe(true);
  hear({ pausedReason: "still" });
  hear({ isUnproven: true });
  await expect.poll(() => story.slice(3), SOON).toEqual(["resumed, 1 at a time"]);
  hear({});
  await expect.poll(() => story.slice(4), SOON).toEqual(["resumed"]);
  expect({ before: closing.aborted, now: gate.closing.aborted }).toEqual({
    before: true,
    now: false,
  });
  gate.stop();
});

test("a probe under way when the worker stops is left to another process", async () => {
  const found = Promise.withResolvers<ProbeFinding>();
  const { gate, story, hear } = gateAlone(() => found.promise);
  hear({ pausedReason: "no sign-in" });
  await expect.poll(() => story.at(-1), SOON).toMatch(/^paused/);
  await new Promise((resolve) => setImmediate(resolve));
  gate.stop();
  found.resolve("down");
  await expect.poll(() => story.at(-1), SOON).toBe("abandoned");
});

test("while the upstream is down for everybody one process tries, now and then; then all goes on", async () => {
  const rig = await open({ referrals: 200 });
  const ids = await submitMany(rig, 200);
  failing(rig, {});
  const workers = [rig.start(), rig.start()];
  await expect.poll(() => rig.queue.account.get(), SOON).toMatchObject({ isDown: true });
  await expect.poll(() => probes(rig).length, IN_A_WHILE).toBeGreaterThanOrEqual(2);
  // The few that were under way when it was noticed; not one for each lane.
  expect(writes(rig).length).toBeLessThan(60);
  rig.simulator.control.clearFaults();
  await expect.poll(() => rig.queue.ledger.counts(), IN_A_WHILE).toMatchObject({ APPLIED: 200 });
  expect(await rig.queue.account.get()).toMatchObject({ isDown: false, failuresInARow: 0 });
  const updates = await Promise.all(ids.map((id) => rig.update(id)));
  expect(Math.max(...updates.map(({ troubles }) => troubles))).toBeLessThan(3);
  await Promise.all(workers.map((worker) => worker.stop()));
});

test("an outage of writes alone, with reads answered, fails nobody and is not hammered", async () => {
  const rig = await open({ referrals: 60 });
  const ids = await submitMany(rig, 60);
  failing(rig, { method: "PATCH" });
  rig.start();
  await expect.poll(() => probes(rig).length, IN_A_WHILE).toBeGreaterThanOrEqual(3);
  // Those under way when it was noticed, then one or two each time reads are found to be answered.
  expect(writes(rig).length).toBeLessThan(25);
  rig.simulator.control.clearFaults();
  await expect.poll(() => rig.queue.ledger.counts(), IN_A_WHILE).toMatchObject({ APPLIED: 60 });
  const updates = await Promise.all(ids.map((id) => rig.update(id)));
  expect(Math.max(...updates.map(({ troubles }) => troubles))).toBeLessThan(3);
});

test("a dead refresh token pauses the account with its reason, fails nothing, and heals by itself", async () => {
  const rig = await open({
    referrals: 30,
    tokens: (simulator) =>
      refreshTokenProvider({
        authority: new URL(simulator.tokenUrl).origin,
        tenantId: "contoso",
        clientId: "00000000-0000-4000-8000-000000000002",
        clientSecret: "secret",
        refreshToken: "simulator-refresh-token",
      }),
  });
  await submitMany(rig, 30);
  rig.simulator.control.setTokens({ expireAccessTokens: true, rejectRefreshTokens: true });
  rig.start();
  await expect
    .poll(async () => (await rig.queue.status()).pausedReason, IN_A_WHILE)
    .toMatch(/refreshTokenRejected/);
  expect(await rig.queue.ledger.counts()).toMatchObject({ QUEUED: 30, FAILED: 0 });
  expect((await rig.queue.status()).pausedReason).toMatch(/refreshTokenRejected/);

  rig.simulator.control.setTokens({ rejectRefreshTokens: false });
  await expect.poll(() => rig.queue.ledger.counts(), IN_A_WHILE).toMatchObject({ APPLIED: 30 });
  expect((await rig.queue.status()).pausedReason).toBeUndefined();
});

test("a token that is refused pauses the account until it is accepted", async () => {
  const rig = await open();
  const id = await rig.submit(notes("n"));
  failing(rig, {}, 401);
  rig.start();
  await rig.queue.wake(REFERRAL);
  await expect
    .poll(async () => (await rig.queue.status()).pausedReason, SOON)
    .toMatch(/fixedTokenRejected/);
  await expect.poll(() => probes(rig).length, IN_A_WHILE).toBeGreaterThan(0);
  expect(writes(rig)).toEqual(["PATCH 401"]);
  rig.simulator.control.clearFaults();
  await expect.poll(async () => (await rig.update(id)).state, IN_A_WHILE).toBe("APPLIED");
});

test.each([
  ["a pause", (rig: Rig) => rig.worker.account.paused("by one that is gone")],
  ["an outage", (rig: Rig) => rig.worker.account.failed({ isForEverybody: true })],
])(
  "%s that was written down by a process that is gone ends, with no lane to run",
  async (_what, write) => {
    const rig = await open();
    await write(rig);
    rig.start();
    rig.start();
    await expect
      .poll(() => rig.queue.account.get(), IN_A_WHILE)
      .toMatchObject({ isDown: false, failuresInARow: 0, pausedReason: undefined });
    expect(rig.calls()).toEqual(["GET 200"]);
  },
);

test("what only waits for its turn when trouble is noticed is handed back", async () => {
  const rig = await open();
  await rig.worker.budget.throttled({ retryAfterMs: 60_000 });
  const id = await rig.submit(notes("n"));
  const claimed = Promise.withResolvers<void>();
  rig.start({ onClaimed: claimed.resolve });
  await rig.queue.wake(REFERRAL);
  await claimed.promise;
  await rig.worker.account.failed({ isForEverybody: true });
  const claim = async () => (await rig.edges.lanes.claim(REFERRAL)).kind;
  await expect.poll(claim, SOON).toBe("claimed");
  expect(await rig.update(id)).toMatchObject({ state: "QUEUED", attempts: 0, troubles: 0 });
});

test("a worker that is stopped in the middle of an outage ends, and leaves everything to the next", async () => {
  const rig = await open();
  failing(rig, {});
  await rig.worker.account.failed({ isForEverybody: true });
  const id = await rig.submit(notes("n"));
  const worker = rig.start();
  await rig.queue.wake(REFERRAL);
  await expect.poll(() => probes(rig).length, IN_A_WHILE).toBeGreaterThan(0);
  await worker.stop();
  expect(writes(rig)).toEqual([]);
  rig.simulator.control.clearFaults();
  rig.start();
  await expect.poll(async () => (await rig.update(id)).state, IN_A_WHILE).toBe("APPLIED");
});

test("a worker that is stopped while everything rests ends, and the next one wakes it", async () => {
  const rig = await open();
  const id = await rig.submit(notes("n"));
  const worker = rig.start({ gatherMs: 5_000 });
  await rig.queue.wake(REFERRAL);
  await expect.poll(() => rig.queue.status(), SOON).toMatchObject({ delayed: 1 });
  await worker.stop();
  expect((await rig.update(id)).state).toBe("QUEUED");
  rig.start();
  await expect.poll(async () => (await rig.update(id)).state, IN_A_WHILE).toBe("APPLIED");
});
