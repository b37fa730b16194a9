import {
  type AccessTokenProvider,
  type PartnerCenterClient,
  refreshTokenProvider,
  TokenUnavailableError,
} from "@patchlane/partner-center";
import { expect, test } from "vitest";
import { processLane } from "../src/index.ts";
import { notes, REFERRAL, rigs } from "./support/rig.ts";

const open = rigs();

/** Tokens that are whatever the test says, renewed as the test says; counts renewals. */
function tokensOf(
  renewed: () => string,
): AccessTokenProvider & { renewals: string[]; held: string } {
  const tokens = {
    held: "expired-token",
    renewals: [] as string[],
    getToken: async () => tokens.held,
    renew: async (rejected: string) => {
      tokens.renewals.push(rejected);
      tokens.held = renewed();
      return tokens.held;
    },
  };
  return tokens;
}

test("a token that expired is renewed once, and nothing is counted", async () => {
  const tokens = tokensOf(() => "simulator-token");
  const rig = await open({ tokens: () => tokens });
  const ids = [await rig.submit(notes("1")), await rig.submit({ status: "Active" })];
  expect(await rig.drain()).toEqual([]);
  expect(rig.calls()).toEqual(["GET 401", "GET 200", "PATCH 200"]);
  expect(tokens.renewals).toEqual(["expired-token"]);
  for (const id of ids) {
    expect(await rig.update(id)).toMatchObject({ state: "APPLIED", attempts: 1 });
  }
});

test("a token that expires again in the same job is renewed again, without a pause", async () => {
  const tokens = tokensOf(() => "simulator-token");
  const rig = await open({ tokens: () => tokens });
  const { client } = rig.edges;
  const forgetful: PartnerCenterClient = {
    ...client,
    patchReferral: (...call) =>
      client.patchReferral(...call).finally(() => {
        tokens.held = "expired-token";
      }),
  };
  const ids = [
    await rig.submit({ status: "Active" }),
    await rig.submit({ status: "Closed", substatus: "Won" }),
  ];
  const { signal } = new AbortController();
  const end = await processLane({ ...rig.edges, client: forgetful }, REFERRAL, signal);
  expect(end).toEqual({ kind: "done" });
  expect(rig.calls()).toEqual(["GET 401", "GET 200", "PATCH 200", "PATCH 401", "PATCH 200"]);
  for (const id of ids) {
    expect(await rig.update(id)).toMatchObject({ state: "APPLIED", attempts: 1 });
  }
});

test("a renewed token that is refused too pauses the account; it resumes by itself", async () => {
  const tokens = tokensOf(() => "another bad token");
  const rig = await open({ tokens: () => tokens });
  const id = await rig.submit(notes("1"));
  const end = await rig.run();
  expect(end.kind).toBe("later");
  expect(rig.calls()).toEqual(["PATCH 401", "PATCH 401"]);
  expect(tokens.renewals).toHaveLength(1);
  expect((await rig.queue.status()).pausedReason).toMatch(/refuses a token/);
  expect(await rig.update(id)).toMatchObject({ state: "QUEUED", attempts: 0, troubles: 0 });

  tokens.held = "simulator-token";
  await rig.drain();
  expect((await rig.update(id)).state).toBe("APPLIED");
  expect((await rig.queue.status()).pausedReason).toBeUndefined();
});

test("without any token nothing is sent and nothing fails, however long it lasts", async () => {
  let isBack = false;
  const rig = await open({
    tokens: () => ({
      getToken: async () => {
        if (!isBack) {
          throw new TokenUnavailableError({ reason: "refreshTokenRejected" });
        }
        return "simulator-token";
      },
      renew: async () => "unused",
    }),
  });
  const id = await rig.submit(notes("1"));
  for (let n = 0; n < 20; n += 1) {
    expect((await rig.run()).kind).toBe("later");
  }
  expect(rig.calls()).toEqual([]);
  expect((await rig.queue.status()).pausedReason).toMatch(/refreshTokenRejected/);
  expect(await rig.update(id)).toMatchObject({ state: "QUEUED", attempts: 0 });
  isBack = true;
  await rig.drain();
  expect((await rig.update(id)).state).toBe("APPLIED");
  expect((await rig.queue.status()).pausedReason).toBeUndefined();
});

test("a lane that hears late of an expired token takes the one another lane has renewed", async () => {
  let isLater = false;
  const rig = await open({
    tokens: (simulator) =>
      refreshTokenProvider({
        authority: new URL(simulator.tokenUrl).origin,
        tenantId: "contoso",
        clientId: "00000000-0000-4000-8000-000000000002",
        clientSecret: "secret",
        refreshToken: "simulator-refresh-token",
        // So much later that the token in hand may be replaced, and has not expired.
        now: () => Date.now() + (isLater ? 60_000 : 0),
      }),
  });
  const { client } = rig.edges;
  await client.getReferral(REFERRAL);
  const [other = ""] = (await firstPage(client)).filter((id) => id !== REFERRAL);
  isLater = true;
  rig.simulator.control.clearRequests();
  rig.simulator.control.setTokens({ expireAccessTokens: true });

  const quick = await rig.submit(notes("quick"));
  const slow = await rig.submit(notes("slow"), { referralId: other });
  const refused = Promise.withResolvers<void>();
  const renewed = Promise.withResolvers<void>();
  const slowClient: PartnerCenterClient = {
    ...client,
    patchReferral: (...call) =>
      client.patchReferral(...call).catch(async (error: unknown) => {
        refused.resolve();
        await renewed.promise;
        throw error;
      }),
  };
  const { signal } = new AbortController();
  const slowEnd = processLane({ ...rig.edges, client: slowClient }, other, signal);
  await refused.promise;
  await rig.drain();
  expect((await rig.update(quick)).state).toBe("APPLIED");
  renewed.resolve();

  expect(await slowEnd).toEqual({ kind: "done" });
  expect((await rig.update(slow)).state).toBe("APPLIED");
  expect((await rig.queue.status()).pausedReason).toBeUndefined();
  expect(rig.simulator.control.state().counters.tokenRequestsByStatus).toEqual({ "200": 1 });
});

async function firstPage(client: PartnerCenterClient): Promise<string[]> {
  for await (const { referrals } of client.listReferrals()) {
    return referrals.map(({ id }) => id);
  }
  return [];
}
