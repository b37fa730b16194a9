import type { AccountMetrics } from "@patchlane/update-queue";
import type { OpenHandler } from "../http/route.ts";
import { inTime } from "../in-time.ts";
import type { Services } from "../services.ts";
import { accountFamilies } from "./account-families.ts";
import type { ProcessMetrics } from "./process-metrics.ts";
import { familyText } from "./prometheus-text.ts";

/** ms Redis may take; scrapers wait for ten seconds. */
const REDIS_MS = 1_000;

/**
 * Answers `GET /metrics` in Prometheus' text format: what is counted for the whole account, and what this gateway measures of itself.
 * Without Redis it answers with the latter, and `patchlane_redis_up 0`.
 */
export function serveMetrics(
  { queue }: Pick<Services, "queue">,
  metrics: ProcessMetrics,
): OpenHandler {
  let looking: Promise<AccountMetrics | undefined> | undefined;
  /** One look for all who ask at the same time. */
  const look = (): Promise<AccountMetrics | undefined> => {
    looking ??= inTime(queue.metrics(), REDIS_MS)
      .catch(() => undefined)
      .finally(() => {
        looking = undefined;
      });
    return looking;
  };
  return async (request, response) => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { allow: "GET, HEAD" }).end();
      return;
    }
    const [account, own] = await Promise.all([look(), metrics.text()]);
    const body = `${accountFamilies(account).map(familyText).join("\n\n")}\n\n${own}`;
    response.writeHead(200, {
      "content-type": metrics.contentType,
      "content-length": Buffer.byteLength(body),
      "cache-control": "no-store",
    });
    response.end(request.method === "HEAD" ? undefined : body);
  };
}
