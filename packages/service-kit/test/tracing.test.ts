import { readFileSync } from "node:fs";
import { PartnerCenterError } from "@patchlane/partner-center";
import { expect, test } from "vitest";
import {
  activeSpan,
  activeTraceId,
  inSpan,
  isTracing,
  SPAN_FACTS,
  startSpan,
} from "../src/index.ts";
import { listedFacts, type SpanFacts } from "../src/tracing-facts.ts";

test("without tracing everything is done all the same, and nothing is told", async () => {
  expect(isTracing()).toBe(false);
  const traceparent = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01";
  for (const parent of [undefined, "root", traceparent]) {
    const answer = await inSpan(
      "work",
      {},
      (span) => {
        span.set({ "patchlane.updates": 1 });
        span.event("event");
        span.link(traceparent);
        span.fail("x");
        expect([span.traceparent, activeSpan().traceparent, activeTraceId()]).toEqual([
          undefined,
          undefined,
          undefined,
        ]);
        return "done";
      },
      parent === undefined ? {} : { parent },
    );
    expect(answer).toBe("done");
  }
  const error = new PartnerCenterError({
    kind: "throttled",
    method: "GET",
    path: "/",
    wasSent: true,
    isEffectUncertain: false,
  });
  await expect(inSpan("work", {}, () => Promise.reject(error), { parent: "root" })).rejects.toBe(
    error,
  );
  expect(startSpan("work", {}, { parent: "root" }).traceparent).toBeUndefined();
});

test("facts that are not on the list are left out, texts are cut", () => {
  const facts = {
    "patchlane.referral.id": "r".repeat(1_000),
    "patchlane.updates": 0,
    "patchlane.update.id": undefined,
    email: "jane@contoso.example",
  } as SpanFacts;
  expect(listedFacts(facts)).toEqual({
    "patchlane.referral.id": "r".repeat(256),
    "patchlane.updates": 0,
  });
});

test("every fact is in the documents", () => {
  const page = readFileSync(new URL("../../../docs/tracing.md", import.meta.url), "utf8");
  expect(SPAN_FACTS.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});
