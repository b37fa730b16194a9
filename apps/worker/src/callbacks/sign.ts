import { createHmac } from "node:crypto";

/** One message as it goes over the wire. */
export interface SignedMessage {
  readonly id: string;
  /** Unix ms, when it is sent. */
  readonly sentAt: number;
  readonly body: string;
}

/**
 * Headers after the Standard Webhooks specification (standardwebhooks.com): HMAC-SHA256 over `<id>.<seconds>.<body>`, one signature
 * for each secret, so that a receiver that knows one of them can check it.
 */
export function signatureHeaders(
  { id, sentAt, body }: SignedMessage,
  secrets: readonly Uint8Array[],
): Record<string, string> {
  const seconds = Math.floor(sentAt / 1_000);
  const signatures = secrets.map((secret) => {
    const digest = createHmac("sha256", secret).update(`${id}.${seconds}.${body}`);
    return `v1,${digest.digest("base64")}`;
  });
  return {
    "webhook-id": id,
    "webhook-timestamp": String(seconds),
    "webhook-signature": signatures.join(" "),
  };
}
