import { randomUUID } from "node:crypto";
import { Pool } from "undici";
import { parseSecretBearingUrl } from "./base-url.ts";
import type { PartnerCenterClient, PartnerCenterClientOptions } from "./client.ts";
import { getReferral } from "./get-referral.ts";
import { listReferrals } from "./list-referrals.ts";
import { patchReferral } from "./patch-referral.ts";
import type { Connection } from "./send.ts";

const DEFAULT_TIMEOUT_MS = 30_000;
/** A host that has not accepted a connection by then is taken to be down. */
const MAX_CONNECT_MS = 10_000;
const DEFAULT_CONNECTIONS = 64;
const MAX_REFERRAL_BYTES = 4 * 1024 * 1024;
const MAX_LIST_BYTES = 16 * 1024 * 1024;

/**
 * A client of the referrals API. Opens no socket before the first call; keeps sockets warm between calls.
 * Throws a TypeError when `baseUrl` is not https (http is fine for a loopback host).
 */
export function createPartnerCenterClient(
  options: PartnerCenterClientOptions,
): PartnerCenterClient {
  const baseUrl = parseSecretBearingUrl("baseUrl", options.baseUrl);
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const connection: Connection = {
    pool: new Pool(baseUrl.origin, {
      connections: options.connections ?? DEFAULT_CONNECTIONS,
      // One request per socket at a time: an answer can never be taken for another request's.
      pipelining: 1,
      connect: { timeout: Math.min(timeoutMs, MAX_CONNECT_MS) },
    }),
    basePath: baseUrl.pathname.replace(/\/+$/, ""),
    tokens: options.tokens,
    budget: options.budget,
    observers: options.observers ?? [],
    timeoutMs,
    newId: options.newId ?? randomUUID,
    now: options.now ?? Date.now,
  };
  const maxReferralBytes = options.maxResponseBytes ?? MAX_REFERRAL_BYTES;
  const maxListBytes = options.maxResponseBytes ?? MAX_LIST_BYTES;
  let closing: Promise<void> | undefined;
  return {
    getReferral: (id, call) => getReferral(connection, maxReferralBytes, id, call),
    listReferrals: (query, call) => listReferrals(connection, maxListBytes, baseUrl, query, call),
    patchReferral: (input, call) => patchReferral(connection, maxReferralBytes, input, call),
    close: () => {
      closing ??= connection.pool.close();
      return closing;
    },
  };
}
