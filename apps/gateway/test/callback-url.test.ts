import { expect, test } from "vitest";
import { checkCallbackUrl } from "../src/bulk/callback-url.ts";

const SIGNED = { CALLBACK_SECRET: [new Uint8Array(24)], CALLBACK_ALLOW_PRIVATE: false };

test("a public https URL may be called back, a private one only when that is allowed", () => {
  expect(checkCallbackUrl("https://crm.example/hook", SIGNED)).toBeUndefined();
  expect(checkCallbackUrl("https://169.254.169.254/hook", SIGNED)).toMatch(/not public/);
  const open = { ...SIGNED, CALLBACK_ALLOW_PRIVATE: true };
  expect(checkCallbackUrl("http://127.0.0.1:8080/hook", open)).toBeUndefined();
});

test("without a secret nobody is called back", () => {
  const message = checkCallbackUrl("https://crm.example/hook", {
    ...SIGNED,
    CALLBACK_SECRET: undefined,
  });
  expect(message).toContain("CALLBACK_SECRET");
});
