import type { LookupFunction } from "node:net";
import { expect, test } from "vitest";
import { callbackUrlProblem, isPublicAddress, NOT_PUBLIC, publicLookup } from "../src/index.ts";

const NOT_TO_BE_CALLED = [
  "0.0.0.0",
  "10.1.2.3",
  "100.64.0.1",
  "100.100.100.200",
  "127.0.0.1",
  "127.255.255.254",
  "168.63.129.16",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.255",
  "192.0.0.192",
  "192.0.2.1",
  "192.168.1.1",
  "198.18.0.1",
  "224.0.0.1",
  "240.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::127.0.0.1",
  "::ffff:127.0.0.1",
  "::ffff:a9fe:a9fe",
  "::ffff:0:127.0.0.1",
  "64:ff9b::a9fe:a9fe",
  "100::1",
  "2001::1",
  "2001:db8::1",
  "2002:7f00:1::",
  "4000::1",
  "fc00::1",
  "fd00:ec2::254",
  "fe80::1",
  "fec0::1",
  "ff02::1",
];

test.each(NOT_TO_BE_CALLED)("%s is not public", (address) => {
  expect(isPublicAddress(address)).toBe(false);
  const host = address.includes(":") ? `[${address}]` : address;
  expect(callbackUrlProblem(`https://${host}/hook`, { mayBePrivate: false })).toMatch(/not public/);
});

test.each(["8.8.8.8", "100.63.255.255", "172.32.0.1", "::ffff:8.8.8.8", "2606:4700:4700::1111"])(
  "%s is public",
  (address) => {
    expect(isPublicAddress(address)).toBe(true);
  },
);

test.each(["", "crm.example", "1.2.3", "fe80::1%eth0"])("%o is no public address", (text) => {
  expect(isPublicAddress(text)).toBe(false);
});

test.each([
  "https://127.1/hook",
  "https://2130706433/hook",
  "https://0x7f000001/hook",
  "https://0177.0.0.1/hook",
  "https://127.0.0.1./hook",
  "https://LOCALHOST/hook",
  "https://api.localhost./hook",
  "https://①②⑦.0.0.1/hook",
])("%s is seen through", (url) => {
  expect(callbackUrlProblem(url, { mayBePrivate: false })).toMatch(/not public/);
});

test.each([
  ["http://crm.example/hook", /https/],
  ["ftp://crm.example/hook", /https/],
  ["//crm.example/hook", /absolute/],
  ["/hook", /absolute/],
  ["https://user:secret@crm.example/hook", /password/],
  ["https://crm.example/hook#part", /fragment/],
  [`https://crm.example/${"x".repeat(3_000)}`, /characters/],
])("%s is refused, in words", (url, problem) => {
  expect(callbackUrlProblem(url, { mayBePrivate: false })).toMatch(problem);
});

test("public https is called, and anything over http when private ones are allowed", () => {
  const isFine = (url: string, mayBePrivate: boolean): boolean =>
    callbackUrlProblem(url, { mayBePrivate }) === undefined;
  expect(isFine("https://crm.example:8443/hook?token=1", false)).toBe(true);
  expect(isFine("https://8.8.8.8/hook", false)).toBe(true);
  expect(isFine("http://127.0.0.1:8080/hook", true)).toBe(true);
  expect(isFine("ftp://127.0.0.1/hook", true)).toBe(false);
});

/** What a socket gets to see, asking for all addresses or for one. */
function look(addresses: readonly string[], all: boolean): Promise<unknown> {
  const lookup = publicLookup((_hostname, _options, callback) => {
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  });
  return new Promise((resolve) => {
    lookup("crm.example", { all }, (error, address) => resolve(error?.code ?? address));
  });
}

test("sockets get to see public addresses only", async () => {
  const mixed = ["10.0.0.1", "8.8.8.8", "::ffff:127.0.0.1", "2606:4700:4700::1111"];
  expect(await look(mixed, false)).toBe("8.8.8.8");
  expect(await look(mixed, true)).toEqual([
    { address: "8.8.8.8", family: 4 },
    { address: "2606:4700:4700::1111", family: 6 },
  ]);
  expect(await look(["10.0.0.1", "::1"], false)).toBe(NOT_PUBLIC);
  expect(await look(["10.0.0.1", "::1"], true)).toBe(NOT_PUBLIC);
  expect(await look([], true)).toBe(NOT_PUBLIC);
});

test("the system's own lookup is what is asked, and its errors are passed on", async () => {
  const codeOf = (lookup: LookupFunction): Promise<unknown> =>
    new Promise((resolve) => {
      lookup("localhost", { all: true }, (error) => resolve(error?.code));
    });
  expect(await codeOf(publicLookup())).toBe(NOT_PUBLIC);
  const broken = Object.assign(new Error("not found"), { code: "ENOTFOUND" });
  expect(await codeOf(publicLookup((_host, _options, callback) => callback(broken, [])))).toBe(
    "ENOTFOUND",
  );
});
