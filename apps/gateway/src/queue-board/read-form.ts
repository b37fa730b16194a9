import type { IncomingMessage } from "node:http";

/** Longest form (bytes): a token, percent-encoded, and then some. */
const MOST_BYTES = 32_768;
/** ms a form may take to arrive. */
const LONGEST_MS = 10_000;

/** The form a browser posts; undefined when it is none, too long, or does not come in time. */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  const isForm = /^application\/x-www-form-urlencoded\s*(;|$)/i.test(
    request.headers["content-type"] ?? "",
  );
  if (!isForm || Number(request.headers["content-length"] ?? 0) > MOST_BYTES) {
    return undefined;
  }
  const timer = setTimeout(() => request.destroy(), LONGEST_MS);
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MOST_BYTES) {
        return undefined;
      }
      chunks.push(chunk);
    }
    return new URLSearchParams(Buffer.concat(chunks).toString("utf8"));
  } finally {
    clearTimeout(timer);
  }
}
