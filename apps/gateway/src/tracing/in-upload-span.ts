import type { IncomingMessage } from "node:http";
import { inSpan } from "@patchlane/service-kit";

/** The span of an upload, continuing its sender's trace when there is a `traceparent`. */
export function inUploadSpan<T>(
  { headers }: Pick<IncomingMessage, "headers">,
  requestId: string,
  take: () => Promise<T>,
): Promise<T> {
  const { traceparent } = headers;
  return inSpan(
    "POST /bulk-updates",
    {
      "http.request.method": "POST",
      "http.route": "/bulk-updates",
      "patchlane.gateway.request_id": requestId,
    },
    take,
    { kind: "server", parent: typeof traceparent === "string" ? traceparent : "root" },
  );
}
