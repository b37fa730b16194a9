import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { onTestFinished } from "vitest";

export const AUDIENCE = "api://patchlane";

interface Key {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

/** What of a token is other than usual; undefined leaves a claim out. */
export interface TokenWishes {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  /** Signs in place of the issuer's current key. */
  readonly key?: Key;
}

export async function newKey(alg = "RS256"): Promise<Key> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const kid = randomUUID();
  return { kid, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: "sig" } };
}

/** Who issues tokens: signs them, and serves its public keys on a port of its own. Ends with the test. */
export async function startIssuer() {
  let keys = [await newKey()];
  let looks = 0;
  let isAway = false;
  const server = createServer((_request, response) => {
    looks++;
    if (isAway) {
      response.writeHead(500).end();
      return;
    }
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ keys: keys.map(({ publicJwk }) => publicJwk) }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    jwksUrl: `${url}/keys`,
    /** How often keys were asked for. */
    looks: () => looks,
    goAway: () => {
      isAway = true;
    },
    comeBack: () => {
      isAway = false;
    },
    /** From now on it has another key only. */
    rotate: async (alg?: string) => {
      keys = [await newKey(alg)];
    },
    /** From now on its key is published with these members in place of its own. */
    publish: (instead: JWK) => {
      keys = keys.map((key) => ({ ...key, publicJwk: { ...key.publicJwk, ...instead } }));
    },
    /** A good token of an administrator, but for what is wished. */
    token: async ({ claims = {}, header = {}, key = keys[0] }: TokenWishes = {}) => {
      if (key === undefined) throw new Error("no key");
      const now = Math.floor(Date.now() / 1_000);
      const all = {
        iss: url,
        aud: AUDIENCE,
        sub: "subject-1",
        roles: ["Referral.Admin"],
        iat: now,
        nbf: now,
        exp: now + 3_600,
        ...claims,
      };
      const { alg = "RS256" } = key.publicJwk;
      return new SignJWT(all)
        .setProtectedHeader({ alg, kid: key.kid, typ: "JWT", ...header })
        .sign(key.privateKey);
    },
    /** Settings of a gateway that trusts it. */
    settings: {
      GATEWAY_AUTH: "jwt",
      JWT_ISSUER: url,
      JWT_AUDIENCE: AUDIENCE,
      JWT_JWKS_URL: `${url}/keys`,
    },
  };
}

export type Issuer = Awaited<ReturnType<typeof startIssuer>>;

/** A token nobody signed. */
export function unsigned(claims: Readonly<Record<string, unknown>>): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none", typ: "JWT" })}.${part(claims)}.`;
}
