import type { IncomingMessage } from "node:http";

/**
 * Whether a web page of another origin made a browser send this. Such a request is refused unless its origin was let in by
 * CORS: even what the page could not read may cost something, and without sign-in (dev) nothing else holds it off.
 * Browsers say so in `Sec-Fetch-Site`, older ones in `Origin`; whoever is no browser sends neither.
 */
export function isFromForeignPage(
  { headers }: Pick<IncomingMessage, "headers">,
  letIn: readonly string[],
): boolean {
  const { origin, host } = headers;
  if (origin !== undefined && letIn.includes(origin)) {
    return false;
  }
  const site = headers["sec-fetch-site"];
  if (site !== undefined) {
    return site !== "same-origin" && site !== "none";
  }
  return origin !== undefined && hostOf(origin) !== host?.toLowerCase();
}

/** Empty for what is no origin, such as "null". */
function hostOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).host : "";
}

/** Whether somebody follows a link or types an address: what comes is shown, and no script gets to read it. */
export function isNavigation({ method, headers }: IncomingMessage): boolean {
  return (
    (method === "GET" || method === "HEAD") &&
    headers["sec-fetch-mode"] === "navigate" &&
    headers["sec-fetch-dest"] === "document"
  );
}
