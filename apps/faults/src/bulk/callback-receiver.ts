import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { until } from "../sleep.ts";
import type { BulkView } from "./bulk-gateway.ts";

/** Somebody who wants to be called back, in this process. */
export interface CallbackReceiver {
  readonly url: string;
  /** For gateway and workers. */
  readonly settings: Readonly<Record<string, string>>;
  /** Calls that came. */
  readonly calls: number;
  /** Waits until the end of each of these was told, and answers what is wrong with what was told. */
  check(ended: readonly BulkView[], timeoutMs: number): Promise<string[]>;
  close(): Promise<void>;
}

interface Told {
  readonly deliveryId: string;
  readonly id: string;
  readonly state: string;
}

/** Takes no callback the first time: everyone has to come again. */
export async function startCallbackReceiver(): Promise<CallbackReceiver> {
  const secret = randomBytes(32);
  const told: Told[] = [];
  const problems = new Set<string>();
  const met = new Set<string>();
  let calls = 0;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    calls += 1;
    const body = Buffer.concat(chunks).toString("utf8");
    const {
      "webhook-id": id,
      "webhook-timestamp": at,
      "webhook-signature": given,
    } = request.headers;
    const wanted = createHmac("sha256", secret).update(`${id}.${at}.${body}`).digest("base64");
    if (!isSame(String(given), `v1,${wanted}`)) {
      problems.add("a callback whose signature is wrong");
    }
    if (!met.has(String(id))) {
      met.add(String(id));
      response.writeHead(503).end();
      return;
    }
    told.push({ ...(JSON.parse(body) as Told), deliveryId: String(id) });
    response.writeHead(204).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/ended`,
    settings: {
      CALLBACK_SECRET: `whsec_${secret.toString("base64")}`,
      CALLBACK_ALLOW_PRIVATE: "true",
    },
    get calls() {
      return calls;
    },
    check: async (ended, timeoutMs) => {
      const isTold = ({ id, state }: BulkView): boolean =>
        told.some((one) => one.id === id && one.state === state);
      await until(() => ended.every(isTold), timeoutMs);
      for (const view of ended) {
        const about = told.filter(({ id }) => id === view.id);
        if (!isTold(view)) {
          problems.add(
            `the end of ${view.id} (${view.state}) was not told, but ${about.length} times another`,
          );
        }
        const deliveries = new Set(about.map(({ deliveryId }) => deliveryId));
        const states = new Set(about.map(({ state }) => state));
        if (deliveries.size > states.size) {
          problems.add(`the end of ${view.id} was told under ${deliveries.size} delivery ids`);
        }
      }
      return [...problems];
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function isSame(given: string, wanted: string): boolean {
  return given.length === wanted.length && timingSafeEqual(Buffer.from(given), Buffer.from(wanted));
}
