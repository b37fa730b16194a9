/** What a next link is measured by. */
export interface NextLinkRules {
  baseUrl: URL;
  /** Path of the list, base path included. */
  path: string;
}

/** Longer links are not followed; URLs of this length fail elsewhere first. */
const MAX_LINK_LENGTH = 16_384;

/**
 * The query of a next link, with its question mark, or `undefined` if the link must not be followed.
 *
 * The bearer token goes wherever the link points, so it may only point back at the same list: same scheme, host,
 * port and path, no credentials. A relative link is read relative to the list.
 */
export function nextLinkQuery({ baseUrl, path }: NextLinkRules, link: unknown): string | undefined {
  if (typeof link !== "string" || link === "" || link.length > MAX_LINK_LENGTH) return undefined;
  let url: URL;
  try {
    url = new URL(link, baseUrl.origin + path);
  } catch {
    return undefined;
  }
  const isSameList =
    url.origin === baseUrl.origin &&
    url.username === "" &&
    url.password === "" &&
    url.pathname.replace(/\/$/, "").toLowerCase() === path.toLowerCase();
  return isSameList ? url.search : undefined;
}
