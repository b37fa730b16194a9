import type { IncomingMessage } from "node:http";

/** Largest GraphQL request (bytes): sixteen patches of the largest size the upstream takes. */
export const MOST_BODY_BYTES = 1_048_576;

/** A request whose body is refused before it is read. */
export interface BodyRefusal {
  readonly status: 411 | 413 | 415;
  readonly code: "LENGTH_REQUIRED" | "PAYLOAD_TOO_LARGE" | "UNSUPPORTED_MEDIA_TYPE";
  readonly message: string;
}

/** Decides by the announced length; Node itself holds a sender to what it announced. */
export function refuseBody(request: IncomingMessage): BodyRefusal | undefined {
  if (request.headers["transfer-encoding"] !== undefined) {
    return {
      status: 411,
      code: "LENGTH_REQUIRED",
      message: "The request must say its Content-Length",
    };
  }
  if (request.method === "POST" && !isJson(request.headers["content-type"])) {
    return {
      status: 415,
      code: "UNSUPPORTED_MEDIA_TYPE",
      message: "The request must have the Content-Type application/json, in UTF-8",
    };
  }
  const announced = Number(request.headers["content-length"] ?? 0);
  return announced > MOST_BODY_BYTES
    ? {
        status: 413,
        code: "PAYLOAD_TOO_LARGE",
        message: `The request body is larger than ${MOST_BODY_BYTES} bytes`,
      }
    : undefined;
}

/** JSON in UTF-8 only: forms and plain text are what a foreign web page could send without being asked. */
function isJson(contentType: string | undefined): boolean {
  const [type = "", ...parameters] = (contentType ?? "").toLowerCase().split(";");
  const charset = parameters.map((each) => each.trim()).find((each) => each.startsWith("charset="));
  return type.trim() === "application/json" && UTF_8.includes(charset?.slice("charset=".length));
}

const UTF_8: readonly (string | undefined)[] = [undefined, "utf-8", "utf8", '"utf-8"'];
