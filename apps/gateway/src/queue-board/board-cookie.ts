import type { IncomingMessage } from "node:http";
import { isLoopback } from "@patchlane/service-kit";

/*
 * The token itself, where scripts cannot read it (HttpOnly), where no other site's pages can make a browser send it
 * (SameSite=Strict), and for this page only (Path). No state is kept here, so that any gateway knows who signed in at another.
 */

const NAME = "patchlane-queues";
/** Browsers take a cookie so named only with `Secure`, so that nobody else on the network sets it. */
const SECURE_NAME = `__Secure-${NAME}`;
const PATH = "/queues";

/** Longest token (characters) that surely fits into what browsers keep, 4096 bytes with name and attributes. */
export const LONGEST_COOKIE_TOKEN = 3_840;

/** Whether the cookie is for https alone: always, except on this machine while developing. */
export function isCookieSecure(
  { headers: { host = "" } }: Pick<IncomingMessage, "headers">,
  isProduction: boolean,
): boolean {
  return isProduction || !isLoopback(host.replace(/:\d+$/, ""));
}

/** The token a browser sends along; undefined when it has not signed in. */
export function tokenInCookie(
  { headers: { cookie = "" } }: Pick<IncomingMessage, "headers">,
  isSecure: boolean,
): string | undefined {
  const name = isSecure ? SECURE_NAME : NAME;
  const pair = cookie.split(/; */).find((text) => text.startsWith(`${name}=`));
  return pair?.slice(name.length + 1) || undefined;
}

/** `Set-Cookie` that keeps a token for some seconds; 0 forgets it. */
export function keepToken(token: string, maxAgeSeconds: number, isSecure: boolean): string {
  const name = isSecure ? SECURE_NAME : NAME;
  const secure = isSecure ? "; Secure" : "";
  return `${name}=${token}; Path=${PATH}; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict${secure}`;
}
