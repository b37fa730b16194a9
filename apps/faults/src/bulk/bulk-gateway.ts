import { UnexpectedAnswerError, type UpdateFate } from "../gateway.ts";
import { sleep } from "../sleep.ts";
import type { BulkFormat } from "./plan-rows.ts";

/** A bulk update as the gateway tells of it. */
export interface BulkView {
  readonly id: string;
  readonly state: string;
  readonly counts: Readonly<Record<CountName, number>>;
  readonly upstreamCalls: number;
}

export const COUNT_NAMES = [
  "queued",
  "sending",
  "applied",
  "unchanged",
  "failed",
  "cancelled",
] as const;
type CountName = (typeof COUNT_NAMES)[number] | "total";

/** A row as the gateway tells of it. */
export interface RowView extends UpdateFate {
  readonly rowNumber: number;
}

export type UploadAnswer =
  | { readonly kind: "accepted"; readonly id: string }
  /** No answer, or "not now"; `isSent`: the last byte had been handed over. */
  | { readonly kind: "unknown"; readonly isSent: boolean };

export interface Upload {
  readonly format: BulkFormat;
  readonly lines: readonly string[];
  readonly idempotencyKey?: string;
  readonly callbackUrl?: string;
  /** ms it takes, at least. */
  readonly ms: number;
}

export type BulkActionName = "pause" | "resume" | "cancel" | "retry";

const BULK_FIELDS =
  "id state upstreamCalls counts { total queued sending applied unchanged failed cancelled }";
const TYPES = { ndjson: "application/x-ndjson", csv: "text/csv" } as const;
const ROWS_A_PAGE = 500;
const PIECES = 40;
const TIMEOUT_MS = 15_000;
const UPLOAD_TIMEOUT_MS = 120_000;

/** Bulk updates as callers of the gateway meet them. */
export class BulkGateway {
  readonly #url: string;

  constructor(graphqlUrl: string) {
    this.#url = graphqlUrl;
  }

  /** Streams an upload, piece by piece. Throws UnexpectedAnswerError when it is refused. */
  async upload({ format, lines, idempotencyKey, callbackUrl, ms }: Upload): Promise<UploadAnswer> {
    const url = new URL("/bulk-updates", this.#url);
    for (const [name, value] of Object.entries({ idempotencyKey, callbackUrl })) {
      if (value !== undefined) {
        url.searchParams.set(name, value);
      }
    }
    let isSent = false;
    async function* pieces(): AsyncGenerator<Uint8Array> {
      const size = Math.ceil(lines.length / PIECES);
      for (let at = 0; at < lines.length; at += size) {
        yield Buffer.from(lines.slice(at, at + size).join(""));
        await sleep(ms / PIECES);
      }
      isSent = true;
    }
    let status: number;
    let text: string;
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": TYPES[format] },
        body: ReadableStream.from(pieces()),
        duplex: "half",
        signal: AbortSignal.timeout(UPLOAD_TIMEOUT_MS),
      });
      status = response.status;
      text = await response.text();
    } catch {
      return { kind: "unknown", isSent };
    }
    if (status === 503) {
      return { kind: "unknown", isSent };
    }
    const { id } = parse(text) as { id?: unknown };
    if ((status === 200 || status === 202) && typeof id === "string") {
      return { kind: "accepted", id };
    }
    throw new UnexpectedAnswerError(`${status} ${text}`);
  }

  /** undefined without an answer; `gone` when nobody knows it any more. */
  async view(id: string): Promise<BulkView | "gone" | undefined> {
    const answer = await this.#query<{ bulkUpdate: BulkView | null }>(
      `query($id: ID!) { bulkUpdate(id: $id) { ${BULK_FIELDS} } }`,
      { id },
    );
    return answer?.bulkUpdate === null ? "gone" : answer?.bulkUpdate;
  }

  /** The newest hundred. */
  async all(): Promise<readonly BulkView[] | undefined> {
    const answer = await this.#query<{ bulkUpdates: { nodes: BulkView[] } }>(
      `{ bulkUpdates(first: 100) { nodes { ${BULK_FIELDS} } } }`,
    );
    return answer?.bulkUpdates.nodes;
  }

  /** Every row, in the order they come; undefined when an answer was lost. */
  async rows(id: string): Promise<readonly RowView[] | undefined> {
    const rows: RowView[] = [];
    for (let after: string | null = null; ; ) {
      const page: ItemsAnswer | undefined = await this.#query<ItemsAnswer>(
        `query($id: ID!, $after: String) { bulkUpdate(id: $id) { items(first: ${ROWS_A_PAGE}, after: $after) {
          nodes { id rowNumber state attempts mergedWith error { code message } }
          pageInfo { hasNextPage endCursor } } } }`,
        { id, after },
      );
      const items: ItemPage | undefined = page?.bulkUpdate?.items;
      if (items === undefined) {
        return undefined;
      }
      rows.push(...items.nodes);
      if (!items.pageInfo.hasNextPage) {
        return rows;
      }
      after = items.pageInfo.endCursor;
    }
  }

  /** Asks again until there is an answer; undefined when its state does not allow it. */
  async act(name: BulkActionName, id: string): Promise<BulkView | undefined> {
    for (;;) {
      const field = `${name}BulkUpdate`;
      const answer = await this.#query<Readonly<Record<string, ActionAnswer>>>(
        `mutation($id: ID!) { ${field}(id: $id) { __typename
          ... on BulkUpdatePayload { bulkUpdate { ${BULK_FIELDS} } } ... on UserError { message } } }`,
        { id },
      );
      const result = answer?.[field];
      if (result?.bulkUpdate !== undefined) {
        return result.bulkUpdate;
      }
      if (result?.__typename === "InvalidInputError") {
        return undefined;
      }
      if (result !== undefined && result.__typename !== "ServiceUnavailableError") {
        throw new UnexpectedAnswerError(`${field}: ${JSON.stringify(result)}`);
      }
      await sleep(RETRY_MS);
    }
  }

  async #query<Data>(query: string, variables: unknown = {}): Promise<Data | undefined> {
    try {
      const response = await fetch(this.#url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ query, variables }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const answer = (await response.json()) as { data?: Data | null; errors?: unknown };
      return answer.errors === undefined ? (answer.data ?? undefined) : undefined;
    } catch {
      return undefined; // no answer, or half of one
    }
  }
}

interface ItemsAnswer {
  readonly bulkUpdate: { readonly items: ItemPage } | null;
}

interface ItemPage {
  readonly nodes: readonly RowView[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

interface ActionAnswer {
  readonly __typename: string;
  readonly bulkUpdate?: BulkView;
}

const RETRY_MS = 200;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
