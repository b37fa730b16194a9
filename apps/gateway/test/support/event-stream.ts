import { onTestFinished } from "vitest";

/** One server-sent event; `ping` for a comment, which is what keeps a connection alive. */
export interface SentEvent {
  readonly event: string;
  /** Parsed; undefined when it is empty. */
  readonly data: unknown;
}

/** An open stream of server-sent events, written down to the letter: nothing here is forgiving. */
export interface EventStream {
  readonly status: number;
  readonly headers: Headers;
  /** The next event that is no ping; undefined at the end of the stream. */
  next(): Promise<SentEvent | undefined>;
  /** The next event, pings included. */
  nextOfAny(): Promise<SentEvent | undefined>;
  /** Every event from here to the end, pings left out. */
  rest(): Promise<SentEvent[]>;
  /** Goes away without a word. */
  leave(): void;
}

/** Subscribes by POST, or as an EventSource does: by GET with everything in the URL. */
export async function subscribe(
  origin: string,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
  method: "GET" | "POST" = "POST",
): Promise<EventStream> {
  const leaving = new AbortController();
  onTestFinished(() => leaving.abort());
  const accept = { accept: "text/event-stream" };
  const { signal } = leaving;
  const search = new URLSearchParams({ query, variables: JSON.stringify(variables) });
  const response = await (method === "GET"
    ? fetch(`${origin}/graphql?${search}`, { headers: accept, signal })
    : fetch(`${origin}/graphql`, {
        method,
        headers: { ...accept, "content-type": "application/json" },
        body: JSON.stringify({ query, variables }),
        signal,
      }));
  const events = eventsOf(response.body);
  const nextOfAny = async () => (await events.next()).value ?? undefined;
  const next = async (): Promise<SentEvent | undefined> => {
    for (;;) {
      const event = await nextOfAny();
      if (event?.event !== "ping") {
        return event;
      }
    }
  };
  return {
    status: response.status,
    headers: response.headers,
    next,
    nextOfAny,
    rest: async () => {
      const all: SentEvent[] = [];
      for (let event = await next(); event !== undefined; event = await next()) {
        all.push(event);
      }
      return all;
    },
    leave: () => leaving.abort(),
  };
}

async function* eventsOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<SentEvent> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    yield* blocks.map(parse);
  }
}

function parse(block: string): SentEvent {
  if (block.startsWith(":")) {
    return { event: "ping", data: undefined };
  }
  const [, event = "", data = ""] = /^event: (\w+)\ndata: ?(.*)$/s.exec(block) ?? [];
  return { event, data: data === "" ? undefined : JSON.parse(data) };
}
