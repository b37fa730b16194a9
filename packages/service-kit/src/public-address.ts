import { lookup as systemLookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";

/**
 * Azure's platform address, reachable from every virtual machine there and answering for it, though it stands in a public range.
 * The other clouds' metadata addresses are link-local, unique-local, reserved or carrier-grade.
 */
const AZURE_PLATFORM = "168.63.129.16";

/** All that is given out of IPv6 for the public; whatever else has a meaning has a local one. */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR("2000::/3");

/**
 * Whether an IP address belongs to the public internet: not private, loopback, link-local, unique-local, multicast, carrier-grade,
 * reserved or a tunnel into one of these, in IPv6 spelling too. What is no address is not public.
 */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0 || address.includes("%")) {
    return false; // a zone makes an address local; short and octal spellings are nobody's to guess at
  }
  const parsed = ipaddr.process(address); // an IPv4 address in IPv6 spelling is an IPv4 address
  return (
    parsed.range() === "unicast" &&
    (parsed.kind() === "ipv4"
      ? parsed.toString() !== AZURE_PLATFORM
      : (parsed as ipaddr.IPv6).match(GLOBAL_IPV6))
  );
}

/** The code of the error of {@link publicLookup}. */
export const NOT_PUBLIC = "ENOTPUBLIC";

/**
 * A `lookup` for sockets that answers public addresses only; a name without any fails with {@link NOT_PUBLIC}. What was checked is
 * what the socket connects to, so a name cannot point somewhere else a moment later.
 */
export function publicLookup(lookup: LookupFunction = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      const addresses = typeof found === "string" ? [] : (found ?? []);
      const [first, ...more] = addresses.filter(({ address }) => isPublicAddress(address));
      if (error !== null || first === undefined) {
        const why = error ?? Object.assign(new Error("no public address"), { code: NOT_PUBLIC });
        callback(why, "", 0);
      } else if (options.all === true) {
        callback(null, [first, ...more]);
      } else {
        callback(null, first.address, first.family);
      }
    });
  };
}
