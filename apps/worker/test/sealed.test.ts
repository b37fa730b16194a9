import { type LaneLease, SealedPayloadError } from "@patchlane/update-queue";
import { expect, test } from "vitest";
import { processLane } from "../src/index.ts";
import { notes, notesOf, REFERRAL, rigs } from "./support/rig.ts";

const open = rigs();

test("a worker without the ledger key lets the lane rest, says why, and fails nothing", async () => {
  const rig = await open();
  const id = await rig.submit(notes("kept"));
  const reason = "no ledger key with fingerprint 01234567 is configured";
  const atClaim: LaneLease["atClaim"] = () => Promise.reject(new SealedPayloadError(reason));
  const said: unknown[] = [];
  const rests: (number | undefined)[] = [];
  const edges = {
    ...rig.edges,
    lanes: {
      ...rig.restless.lanes,
      claim: async (referralId: string) => {
        const claim = await rig.restless.lanes.claim(referralId);
        if (claim.kind !== "claimed") {
          return claim;
        }
        const { lease } = claim;
        const letGo = lease.handBack.bind(lease);
        const handBack: LaneLease["handBack"] = (restMs) => {
          rests.push(restMs);
          return letGo();
        };
        return { ...claim, lease: Object.assign(lease, { atClaim, handBack }) };
      },
    },
    log: { info: () => {}, warn: (fields: unknown) => said.push(fields) },
  };
  const end = await processLane(edges, REFERRAL, new AbortController().signal);
  expect(end).toEqual({ kind: "later", delayMs: expect.any(Number) });
  expect(rests).toEqual([end.kind === "later" && end.delayMs]);
  expect(said).toMatchObject([{ referralId: REFERRAL, reason }]);
  expect(rig.calls()).toEqual([]);
  expect(await rig.update(id)).toMatchObject({ state: "QUEUED", attempts: 0 });

  expect(await rig.drain(), "a worker that has the key").toEqual([]);
  expect(await rig.update(id)).toMatchObject({ state: "APPLIED" });
  expect(notesOf(rig.truth())).toBe("kept");
});
