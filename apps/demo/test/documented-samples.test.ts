import { beforeEach, describe, expect, test } from "vitest";
import { gatewayAt, UPDATE_REFERRAL, updateResult } from "../src/graphql-client.ts";
import { clearUpstreamLog, readReferralIds, readUpstreamLog } from "../src/upstream-log.ts";
import { useStack } from "./stack.ts";

const stack = useStack({ ratePerSecond: 100, simulatorArguments: ["--burst", "20"], workers: 1 });

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

interface WireWrite {
  readonly body: unknown;
  readonly prefer: string | null;
  readonly ifMatch: string | null;
  readonly clientRequestId: string;
  readonly requestId: string;
  readonly status: number;
}

/** Changes a referral through the gateway; answers the writes that reached the upstream. */
async function writesOf(referralId: string, input: Record<string, unknown>): Promise<WireWrite[]> {
  const result = updateResult(
    await gatewayAt(stack().gatewayUrl)(UPDATE_REFERRAL, { input: { referralId, ...input } }),
  );
  expect(result?.update).toMatchObject({ state: "APPLIED", attempts: 1, error: null });
  const log = await readUpstreamLog(stack().controlUrl);
  return log.filter(({ method }) => method === "PATCH") as unknown as WireWrite[];
}

describe("the vendor's documented PATCH samples, on the wire", () => {
  let ids: string[] = [];
  beforeEach(async () => {
    ids = await readReferralIds(stack().upstreamUrl, 20);
    await clearUpstreamLog(stack().controlUrl);
  });

  const samples = [
    {
      name: "deal value and notes",
      referral: 0,
      changes: { details: { dealValue: "10000", notes: "a note" } },
      patch: [
        { op: "replace", path: "/details/dealValue", value: "10000" },
        { op: "replace", path: "/details/notes", value: "a note" },
      ],
    },
    {
      name: "status to Closed/Won",
      referral: 0,
      changes: { status: "Closed", substatus: "Won" },
      patch: [
        { op: "replace", path: "/status", value: "Closed" },
        { op: "replace", path: "/substatus", value: "Won" },
      ],
    },
    {
      name: "a team member",
      referral: 1,
      changes: {
        team: {
          add: [
            {
              email: "jane.doe@contoso.com",
              firstName: "Jane",
              lastName: "Doe",
              phoneNumber: "0000000001",
            },
          ],
        },
      },
      patch: [
        {
          op: "add",
          path: "/team/-",
          value: {
            email: "jane.doe@contoso.com",
            firstName: "Jane",
            lastName: "Doe",
            phoneNumber: "0000000001",
          },
        },
      ],
    },
  ];

  test.each(samples)("$name, from typed changes", async ({ referral, changes, patch }) => {
    const [write, ...more] = await writesOf(ids[referral] ?? "", { changes });
    expect(more).toEqual([]);
    expect(write?.body).toEqual(patch);
    expect(write?.prefer).toBe("return=representation");
    expect(write?.status).toBe(200);
    expect(write?.clientRequestId).toMatch(GUID);
    expect(write?.requestId).toMatch(GUID);
  });

  test("a raw patch leaves as it was written", async () => {
    const patch = [
      { op: "add", path: "/externalReferenceId", value: "CRM-4711" },
      { op: "replace", path: "/name", value: "Renamed" },
    ];
    const [write, ...more] = await writesOf(ids[2] ?? "", { patch });
    expect(more).toEqual([]);
    expect(write?.body).toEqual(patch);
    expect(write?.ifMatch).toBeNull();
  });

  test("a pinned ETag is sent with its quotes", async () => {
    const referralId = ids[3] ?? "";
    const ask = gatewayAt(stack().gatewayUrl);
    const answer = await ask("query($id: ID!) { referral(id: $id) { etag } }", { id: referralId });
    const etag = (answer.data?.referral as { etag: string } | undefined)?.etag;
    const [write] = await writesOf(referralId, { changes: { name: "Pinned" }, ifMatch: etag });
    expect(etag).toMatch(/^".+"$/);
    expect(write?.ifMatch).toBe(etag);
  });
});
