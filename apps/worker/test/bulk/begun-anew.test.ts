import { expect, test } from "vitest";
import { BulkRunner } from "../../src/bulk/bulk-runner.ts";
import { referralsOf, row, submitBulk, untilOver } from "../support/bulk.ts";
import { bulkEdges } from "../support/mortal.ts";
import { notes, rigs } from "../support/rig.ts";

const open = rigs();

test("a retry that begins between two steps of enlisting is carried to its end by the leader", async () => {
  const rig = await open({ referrals: 5 });
  const all = await referralsOf(rig);
  const edges = bulkEdges(rig);
  const id = await submitBulk(
    rig,
    all.map((each) => row(each.id, notes("new"))),
  );
  // The leader looked before the rows had their places; from its first step on they are being queued again.
  let looked = 0;
  let isRetrying = false;
  const own: Partial<typeof edges.work> = {
    reload: async (bulkUpdateId) => {
      const bulk = await edges.work.reload(bulkUpdateId);
      looked += 1;
      return bulk && looked === 1 ? { ...bulk, enlistedTo: 0 } : bulk;
    },
    enlist: async (...args) => {
      isRetrying ||= looked === 1;
      return isRetrying ? 0 : edges.work.enlist(...args);
    },
    retryRows: async (...args) => {
      const wasRetrying = isRetrying;
      isRetrying = false;
      looked += wasRetrying ? 1 : 0;
      return edges.work.retryRows(...args);
    },
  };
  const work = new Proxy(edges.work, {
    get: (target, name) => {
      const member: unknown = Reflect.get(own, name) ?? Reflect.get(target, name);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
  const leader = new BulkRunner({ ...edges, work }, () => {});
  leader.start();
  leader.resume();
  await expect.poll(() => looked > 1 && !isRetrying, { timeout: 30_000 }).toBe(true);
  rig.start();
  expect((await untilOver(rig, id)).counts).toMatchObject({ applied: 5 });
  await leader.stop();
});
