import { isIP } from "node:net";
import { isPublicAddress } from "./public-address.ts";

/** Longest URL taken. */
const LONGEST_URL = 2_048;

/** Names that mean this machine wherever they are looked up. */
const LOCAL_NAME = /(^|\.)localhost\.?$/i;

/**
 * What keeps a URL from being called back, in words; undefined when nothing does. Without `mayBePrivate` it must be https and may
 * not name a private address. What a host name points to is not asked here: names are checked with every connection
 * (`publicLookup`).
 */
export function callbackUrlProblem(
  text: string,
  { mayBePrivate }: { readonly mayBePrivate: boolean },
): string | undefined {
  if (text.length > LONGEST_URL) {
    return `Expected at most ${LONGEST_URL} characters`;
  }
  if (!URL.canParse(text)) {
    return "Expected an absolute URL";
  }
  const { protocol, username, password, hash, hostname } = new URL(text);
  if (protocol !== "https:" && !(mayBePrivate && protocol === "http:")) {
    return mayBePrivate ? "Expected an http or https URL" : "Expected an https URL";
  }
  if (username !== "" || password !== "") {
    return "Expected a URL without user name and password";
  }
  if (hash !== "") {
    return "Expected a URL without a fragment";
  }
  return mayBePrivate || !isPrivateHost(hostname)
    ? undefined
    : "Private, loopback and other addresses that are not public are not called";
}

function isPrivateHost(hostname: string): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  return isIP(host) === 0 ? LOCAL_NAME.test(host) : !isPublicAddress(host);
}
