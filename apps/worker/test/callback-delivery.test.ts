import { type BulkUpdate, type DueCallback, newBulkUpdateId } from "@patchlane/update-queue";
import { Webhook } from "standardwebhooks";
import { afterEach, expect, test } from "vitest";
import { createCallbackClient } from "../src/callbacks/callback-client.ts";
import {
  type CallbackLogFields,
  callbackWaitMs,
  deliverCallback,
} from "../src/callbacks/deliver-callback.ts";
import { type Receiver, type ReceiverAnswer, startReceiver } from "./support/receiver.ts";

const SECRETS = ["new", "old"].map((name) => Buffer.from(`${name} secret of at least 24 bytes`));
const HOUR_MS = 60 * 60 * 1000;

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) {
    await close();
  }
});

/** A receiver, a bulk update that is over, and one try. */
async function setUp({
  answers = [204],
  bulk = {},
  tries = 0,
  ageMs = 0,
  secrets = SECRETS,
}: {
  answers?: ReceiverAnswer[];
  bulk?: Partial<BulkUpdate>;
  tries?: number;
  ageMs?: number;
  secrets?: Buffer[];
} = {}) {
  const receiver: Receiver = await startReceiver(...answers);
  const client = createCallbackClient({ mayBePrivate: true });
  closers.push(
    () => client.close(),
    () => receiver.close(),
  );
  const lines: [CallbackLogFields, string][] = [];
  const log = (fields: CallbackLogFields, message: string): void => {
    lines.push([fields, message]);
  };
  const counted: (string | undefined)[] = [];
  let end: "made or given up" | { againInMs: number } | undefined;
  const callback: DueCallback = {
    bulkUpdate: { ...BULK_UPDATE, callbackUrl: receiver.url, ...bulk },
    deliveryId: "msg_1",
    tries,
    ageMs,
    end: async () => {
      end = "made or given up";
    },
    tryAgain: async (againInMs) => {
      end = { againInMs };
    },
  };
  const edges = {
    client,
    secrets,
    log: { info: log, warn: log },
    now: Date.now,
    random: () => 0,
    meters: {
      count: (_name: string, labels: Readonly<Record<string, string>>): void => {
        counted.push(labels.outcome);
      },
    },
  };
  await deliverCallback(edges, callback);
  return { calls: receiver.calls, end, lines, counted };
}

const BULK_UPDATE: BulkUpdate = {
  id: newBulkUpdateId(),
  state: "COMPLETED_WITH_ERRORS",
  label: "nightly sync",
  isDryRun: false,
  skipUnchanged: true,
  submittedBy: "jane.doe@contoso.example",
  counts: {
    total: 3,
    queued: 0,
    sending: 0,
    applied: 1,
    unchanged: 1,
    failed: 1,
    cancelled: 0,
  },
  upstreamCalls: 4,
  columns: ["referralId"],
  submittedAt: Date.UTC(2026, 0, 5, 8),
  finishedAt: Date.UTC(2026, 0, 5, 8, 1),
  isReadable: true,
};

test("tells how the bulk update ended, and nothing about people", async () => {
  const { calls, end } = await setUp();
  expect(JSON.parse(calls[0]?.body ?? "")).toEqual({
    id: BULK_UPDATE.id,
    state: "COMPLETED_WITH_ERRORS",
    label: "nightly sync",
    dryRun: false,
    counts: BULK_UPDATE.counts,
    upstreamCalls: 4,
    submittedAt: "2026-01-05T08:00:00.000Z",
    finishedAt: "2026-01-05T08:01:00.000Z",
  });
  expect(end).toBe("made or given up");
});

test.each([0, 1])("another implementation finds it genuine with secret %i", async (which) => {
  const { calls } = await setUp();
  const { headers, body = "" } = calls[0] ?? {};
  const webhook = new Webhook(SECRETS[which]?.toString("base64") ?? "");
  const told = webhook.verify(body, headers as Record<string, string>);
  expect(told).toMatchObject({ id: BULK_UPDATE.id });
  expect(headers?.["webhook-id"]).toBe("msg_1");
  expect(() => webhook.verify(`${body} `, headers as Record<string, string>)).toThrow();
});

test.each([200, 202, 204, 299])("%i means it was made", async (status) => {
  expect((await setUp({ answers: [status] })).end).toBe("made or given up");
});

test.each([302, 400, 404, 410, 429, 500, 503, "cut"] as const)(
  "%s is tried again",
  async (answer) => {
    expect((await setUp({ answers: [answer] })).end).toEqual({ againInMs: 2_500 });
  },
);

test("waits double up to an hour, and the last try is made when 24 hours are over", async () => {
  expect([1, 2, 3, 10, 11, 40].map((nth) => callbackWaitMs(nth, () => 1))).toEqual([
    5_000,
    10_000,
    20_000,
    2_560_000,
    HOUR_MS,
    HOUR_MS,
  ]);
  expect(callbackWaitMs(2, () => 0)).toBe(5_000);
  const late = { answers: [500], tries: 30 };
  expect((await setUp({ ...late, ageMs: 24 * HOUR_MS - 1_000 })).end).toEqual({ againInMs: 1_000 });
  expect((await setUp({ ...late, ageMs: 24 * HOUR_MS })).end).toBe("made or given up");
});

test("however late the first try is, it is made", async () => {
  const { calls } = await setUp({ ageMs: 48 * HOUR_MS });
  expect(calls).toHaveLength(1);
});

test("without a secret, or with a URL that cannot be opened here, it is left to other workers", async () => {
  const unsigned = await setUp({ secrets: [] });
  const sealed = await setUp({ bulk: { isReadable: false, callbackUrl: "" } });
  expect([unsigned.calls, sealed.calls]).toEqual([[], []]);
  expect([unsigned.end, sealed.end]).toEqual([{ againInMs: 2_500 }, { againInMs: 2_500 }]);
});

test("who asked for no callback gets none", async () => {
  const { callbackUrl: _, ...silent } = { ...BULK_UPDATE, callbackUrl: undefined };
  const { calls, end } = await setUp({ bulk: { ...silent, callbackUrl: undefined } as never });
  expect(calls).toEqual([]);
  expect(end).toBe("made or given up");
});

test("every try is counted by how it ended", async () => {
  const late = { answers: [500], ageMs: 24 * HOUR_MS };
  const runs = [await setUp(), await setUp({ answers: ["cut"] }), await setUp(late)];
  expect(runs.map(({ counted }) => counted)).toEqual([["made"], ["failed"], ["given_up"]]);
});

test("no log line tells the URL", async () => {
  const runs = [await setUp(), await setUp({ answers: ["cut"] }), await setUp({ answers: [500] })];
  const text = JSON.stringify(runs.map(({ lines }) => lines));
  expect(text).toContain(BULK_UPDATE.id);
  expect(text).not.toMatch(/s3cret|127\.0\.0\.1|hook/);
});
