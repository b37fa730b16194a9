/** Hosts that never leave the machine; bearer tokens may go there in clear text. */
const loopback = /^(?:localhost|[\w-]+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * Parses a URL that secrets will be sent to: `https:`, or `http:` to a loopback host only, and no
 * credentials, query or fragment. Throws a TypeError that names the setting, not its value.
 */
export function parseSecretBearingUrl(setting: string, text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new TypeError(`${setting} is not a URL`);
  }
  const isPrivate =
    url.protocol === "https:" || (url.protocol === "http:" && loopback.test(url.hostname));
  if (!isPrivate) throw new TypeError(`${setting} must be https (http only for a loopback host)`);
  if (url.username || url.password || url.search || url.hash) {
    throw new TypeError(`${setting} must not have credentials, a query or a fragment`);
  }
  return url;
}
