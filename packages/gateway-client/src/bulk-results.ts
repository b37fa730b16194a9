import type { Endpoints, ResultsFormat } from "./endpoints.ts";
import type { UpdateState } from "./generated/operations.ts";
import { httpErrorOf } from "./http-error.ts";
import { piecesOf } from "./pieces.ts";
import { type Transport, unreachable } from "./transport.ts";

export interface ResultsRequest {
  /** Default csv. */
  readonly format?: ResultsFormat | undefined;
  /** Only rows that are in this state now. */
  readonly state?: UpdateState | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A bulk update's rows as they come in, one line each, in row order; undefined when there is no such bulk update. Reading throws
 * GatewayUnreachableError when the stream is cut: what came until then is not the whole.
 */
export async function downloadResults(
  transport: Transport,
  endpoints: Endpoints,
  bulkUpdateId: string,
  { format = "csv", state, signal }: ResultsRequest = {},
): Promise<AsyncIterable<Uint8Array> | undefined> {
  const query = state === undefined ? "" : `?state=${state}`;
  const url = `${endpoints.results(bulkUpdateId, format)}${query}`;
  const response = await transport({ url, method: "GET", signal });
  if (response.status === 404) {
    await response.body?.cancel();
    return undefined;
  }
  if (!response.ok) {
    throw await httpErrorOf(response, url);
  }
  return chunksOf(response, url, signal);
}

async function* chunksOf(
  response: Response,
  url: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* piecesOf(response.body);
  } catch (error) {
    signal?.throwIfAborted();
    throw unreachable(url, error);
  }
}
