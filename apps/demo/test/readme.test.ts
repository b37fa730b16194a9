import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { useStack } from "./stack.ts";

const stack = useStack({ ratePerSecond: 100, simulatorArguments: ["--burst", "20"], workers: 1 });

test("the README's curl does what it says", async () => {
  const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
  const body = /--data @- <<'JSON'\n([\s\S]*?)\nJSON\n/.exec(readme)?.[1];
  const response = await fetch(stack().gatewayUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: body?.replaceAll("\n", "") ?? "", // as curl's --data does
  });
  expect(await response.json()).toMatchObject({
    data: {
      updateReferral: {
        update: { state: "APPLIED", attempts: 1 },
        patch: [{ path: "/details/dealValue" }, { path: "/details/notes" }],
      },
    },
  });
});
