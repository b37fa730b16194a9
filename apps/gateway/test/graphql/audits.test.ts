import { serverAudits } from "graphql-http";
import { describe, expect, test } from "vitest";
import { gatewayRig } from "../support/gateway-rig.ts";

/*
 * The public audits of GraphQL over HTTP against the server on a socket: every MUST, SHOULD and MAY passes. They ask for
 * `__type`, so introspection is on here.
 */
const rig = gatewayRig();
let origin: string;
const audits = serverAudits({ url: () => `${origin}/graphql` });

describe.each(["MUST", "SHOULD", "MAY"])("GraphQL over HTTP, %s", (level) => {
  const ofLevel = audits
    .filter(({ name }) => name.startsWith(`${level} `))
    .map(({ id, name, fn }) => ({ id, name, fn }));

  test("there are audits of this level", () => {
    expect(ofLevel.length).toBeGreaterThan(10);
  });

  test.each(ofLevel)("$id $name", async ({ fn }) => {
    origin = await rig.start({ INTROSPECTION: "true" });
    const result = await fn();
    const { status, reason } = { reason: "", ...result };
    expect({ status, reason }).toEqual({ status: "ok", reason: "" });
  });
});

test("every audit has one of these levels", () => {
  expect(audits.filter(({ name }) => !/^(MUST|SHOULD|MAY) /.test(name))).toEqual([]);
});
