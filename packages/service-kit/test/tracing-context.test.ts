import { expect, test } from "vitest";
import { traceIdOf } from "../src/index.ts";
import { formatTraceparent, parseTraceparent } from "../src/tracing-context.ts";

const TRACE = "0123456789abcdef0123456789abcdef";
const SPAN = "0123456789abcdef";

test.each([
  [`00-${TRACE}-${SPAN}-01`, 1],
  [`00-${TRACE}-${SPAN}-00`, 0],
  [`00-${TRACE}-${SPAN}-03`, 1], // other flags are not ours
  [` 00-${TRACE}-${SPAN}-01 `, 1],
  [`cc-${TRACE}-${SPAN}-01-what the future brings`, 1],
])("%j is read", (text, traceFlags) => {
  const found = parseTraceparent(text);
  expect(found).toEqual({ traceId: TRACE, spanId: SPAN, traceFlags, isRemote: true });
  expect(formatTraceparent(found as NonNullable<typeof found>)).toBe(
    `00-${TRACE}-${SPAN}-0${traceFlags}`,
  );
  expect(traceIdOf(text)).toBe(TRACE);
});

test.each([
  undefined,
  "",
  "x",
  `00-${TRACE}-${SPAN}`,
  `00-${TRACE}-${SPAN}-1`,
  `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  `00-${"0".repeat(32)}-${SPAN}-01`,
  `00-${TRACE}-${"0".repeat(16)}-01`,
  `00-${TRACE}-${SPAN}-01-more`,
  `ff-${TRACE}-${SPAN}-01`,
  `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`,
  `00-${TRACE}-${SPAN}-01\n${"x".repeat(100_000)}`,
])("%j is no traceparent", (text) => {
  expect(parseTraceparent(text)).toBeUndefined();
});
