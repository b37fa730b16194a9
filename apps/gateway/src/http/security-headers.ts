import type { ServerResponse } from "node:http";

type Header = readonly [name: string, value: string];

/** For every answer. An answer that is a page brings a content security policy of its own. */
const ALWAYS: readonly Header[] = [
  ["cache-control", "no-store"],
  ["content-security-policy", "default-src 'none'; frame-ancestors 'none'"],
  ["cross-origin-opener-policy", "same-origin"],
  ["cross-origin-resource-policy", "same-origin"],
  ["referrer-policy", "no-referrer"],
  ["x-content-type-options", "nosniff"],
  ["x-frame-options", "DENY"],
];

/** Seconds browsers keep to https (RFC 6797); they heed it only where they came by https. */
const HTTPS_FOR_S = 31_536_000;
const IN_PRODUCTION: readonly Header[] = [
  ...ALWAYS,
  ["strict-transport-security", `max-age=${HTTPS_FOR_S}`],
];

/** What GraphiQL needs: everything is in the page; it asks nobody but the gateway. */
export const GRAPHIQL_POLICY =
  "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' blob:; style-src 'unsafe-inline'; " +
  "img-src 'self' data:; font-src data:; connect-src 'self'; worker-src blob: data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Sets what browsers heed. */
export function setSecurityHeaders(response: ServerResponse, isProduction: boolean): void {
  for (const [name, value] of alwaysHeaders(isProduction)) {
    response.setHeader(name, value);
  }
}

/** What every answer has. */
export function alwaysHeaders(isProduction: boolean): readonly Header[] {
  return isProduction ? IN_PRODUCTION : ALWAYS;
}
