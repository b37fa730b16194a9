import { setTimeout as wait } from "node:timers/promises";
import { callbackUrlProblem, publicLookup } from "@patchlane/service-kit";
import { Agent, type Dispatcher } from "undici";

/** ms for everything: looking the name up, connecting, and the answer's status. */
const TIMEOUT_MS = 10_000;
/** Bytes of an answer's body that are read, and ms that takes at most: politeness, nobody looks at it. */
const MOST_ANSWER_BYTES = 16 * 1024;
const ANSWER_MS = 1_000;

/** How a call ended: with a status, or without one. `reason` is a code or a sentence of ours, never the URL. */
export type CallOutcome =
  | { readonly status: number; readonly reason?: undefined }
  | { readonly status?: undefined; readonly reason: string };

/** Makes one POST. Never throws. */
export interface CallbackClient {
  post(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<CallOutcome>;
  close(): Promise<void>;
}

/**
 * A client for URLs that strangers name. It follows no redirects, takes no proxy from the environment, keeps no connection, and
 * without `mayBePrivate` connects to public addresses only, whatever a name points to at that moment.
 */
export function createCallbackClient({
  mayBePrivate,
  lookup = publicLookup(),
  timeoutMs = TIMEOUT_MS,
}: {
  readonly mayBePrivate: boolean;
  readonly lookup?: ReturnType<typeof publicLookup>;
  readonly timeoutMs?: number;
}): CallbackClient {
  const agent = new Agent({
    connect: { timeout: timeoutMs, ...(mayBePrivate ? {} : { lookup }) },
    pipelining: 1,
  });
  return {
    post: async (url, headers, body) => {
      // Sockets look up names only: an address in the URL is checked here, and what was allowed when it was handed in.
      const problem = callbackUrlProblem(url, { mayBePrivate });
      if (problem !== undefined) {
        return { reason: problem };
      }
      const { origin, pathname, search } = new URL(url);
      try {
        const answer = await agent.request({
          origin,
          path: pathname + search,
          method: "POST",
          headers: { "content-type": "application/json", "user-agent": "patchlane", ...headers },
          body,
          reset: true,
          signal: AbortSignal.timeout(timeoutMs),
        });
        await readAway(answer.body);
        return { status: answer.statusCode };
      } catch (error) {
        return { reason: reasonOf(error) };
      }
    },
    close: () => agent.destroy(),
  };
}

/** The status has been said: whatever becomes of the rest changes nothing. */
async function readAway(body: Dispatcher.ResponseData["body"]): Promise<void> {
  body.on("error", () => {});
  const late = new AbortController();
  const read = body.dump({ limit: MOST_ANSWER_BYTES }).catch(() => undefined);
  await Promise.race([read, wait(ANSWER_MS, undefined, { signal: late.signal }).catch(() => {})]);
  late.abort();
  body.destroy();
}

/** Messages of sockets and parsers can quote the URL or the answer: only the code is told. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === "TimeoutError") {
    return "no answer in time";
  }
  const { code, errors } = error as { code?: unknown; errors?: { code?: unknown }[] };
  const first = code ?? errors?.[0]?.code;
  return typeof first === "string" ? first : "no answer";
}
