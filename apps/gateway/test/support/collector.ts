import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { expect } from "vitest";

type Facts = Readonly<Record<string, string | number | boolean>>;

/** A span as it arrived. */
export interface CollectedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  readonly facts: Facts;
  readonly events: readonly { readonly name: string; readonly facts: Facts }[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly isError: boolean;
  readonly resource: Facts;
}

/** Takes spans over OTLP/HTTP on a port of its own. */
export interface Collector {
  readonly url: string;
  readonly spans: readonly CollectedSpan[];
  /** Everything that arrived, as it was sent. */
  readonly raw: readonly string[];
  readonly headers: readonly Readonly<Record<string, unknown>>[];
  /** Waits until enough is there; a look now and then. */
  until(isEnough: (spans: readonly CollectedSpan[]) => boolean): Promise<void>;
  close(): Promise<void>;
}

export async function startCollector(): Promise<Collector> {
  const spans: CollectedSpan[] = [];
  const raw: string[] = [];
  const headers: Readonly<Record<string, unknown>>[] = [];
  const server = createServer(async (request, response) => {
    const body = (await json(request)) as Export;
    if (request.url !== "/v1/traces") {
      response.writeHead(404).end();
      return;
    }
    headers.push(request.headers);
    raw.push(JSON.stringify(body));
    spans.push(...flat(body));
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    raw,
    headers,
    until: async (isEnough) => {
      await expect.poll(() => isEnough(spans), { timeout: 30_000, interval: 20 }).toBe(true);
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly WireSpan[] }[];
  }[];
}

interface WireSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly kind: number;
  readonly attributes: readonly Attribute[];
  readonly events: readonly { readonly name: string; readonly attributes: readonly Attribute[] }[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status: { readonly code: number };
}

function flat({ resourceSpans }: Export): CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ attributes, events, links, status, parentSpanId = "", ...span }) => ({
        name: span.name,
        traceId: span.traceId,
        spanId: span.spanId,
        kind: span.kind,
        parentSpanId,
        facts: factsOf(attributes),
        events: events.map((event) => ({ name: event.name, facts: factsOf(event.attributes) })),
        links: links.map(({ traceId, spanId }) => ({ traceId, spanId })),
        isError: status.code === 2,
        resource: factsOf(resource.attributes),
      })),
    ),
  );
}

function factsOf(attributes: readonly Attribute[]): Facts {
  return Object.fromEntries(
    attributes.map(({ key, value: { intValue, ...value } }) => [
      key,
      intValue === undefined ? (Object.values(value)[0] as string) : Number(intValue),
    ]),
  );
}
