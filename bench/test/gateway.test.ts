import { expect, test } from "vitest";
import { gateway } from "../src/gateway/gateway.ts";

test("the gateway benchmark runs, and every server answers every operation", async () => {
  const { rounds, tables, goals } = await gateway.run({ size: "test", say: () => {} });
  expect([rounds, goals.length]).toEqual([1, 2]);
  const servers = ["Patchlane's gateway", "Apollo Server", "mercurius", "graphql-js on node:http"];
  const closed = servers.map((server) => ["4 connections", server]);
  const open = servers.map((server) => ["200/s arriving", server]);
  expect(tables.map(({ title, rows }) => [title, rows.map((row) => row.slice(0, 2))])).toEqual([
    ["`mutate`", [...closed, ...open]],
    ["`mutateWithKey`", closed],
    ["`read`", [...closed, ...open]],
    ["`rules`", closed],
  ]);
});
