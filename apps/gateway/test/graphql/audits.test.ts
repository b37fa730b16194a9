import { serverAudits } from "graphql-http";
import { describe, expect, test } from "vitest";
import { gatewayRig } from "../support/gateway-rig.ts";

/*
 * The public audits of GraphQL over HTTP, against the server on a socket. They ask for `__type`, so introspection is on here.
 * Every one of them passes, MUST, SHOULD and MAY; one that could not would be named here with its reason, and in
 * docs/graphql-over-http.md.
 */
const EXCEPTIONS: Readonly<Record<string, string>> = {};

const rig = gatewayRig();
let origin: string;
const audits = serverAudits({ url: () => `${origin}/graphql` });

/** `fetch` gives a body a length, but for a stream; nothing here is one. */
describe.each(["MUST", "SHOULD", "MAY"])("GraphQL over HTTP, %s", (level) => {
  const ofLevel = audits.filter(({ name }) => name.startsWith(level));

  test("there are audits of this level", () => {
    expect(ofLevel.length).toBeGreaterThan(10);
  });

  test.each(ofLevel.map(({ id, name, fn }) => ({ id, name, fn })))(
    "$id $name",
    async ({ id, fn }) => {
      origin = await rig.start({ INTROSPECTION: "true" });
      const result = await fn();
      expect({ status: result.status, reason: "reason" in result ? result.reason : "" }).toEqual(
        id in EXCEPTIONS
          ? expect.not.objectContaining({ status: "ok" })
          : { status: "ok", reason: "" },
      );
    },
  );
});

test("every audit has one of these levels", () => {
  expect(audits.filter(({ name }) => !/^(MUST|SHOULD|MAY) /.test(name))).toEqual([]);
});
