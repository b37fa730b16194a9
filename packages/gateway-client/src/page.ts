/** A part of a list. */
export interface Page<Node> {
  readonly nodes: readonly Node[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    /** Where the next page begins: its `after`. */
    readonly endCursor: string | null;
  };
  /** Of the whole list; null when it is not known. */
  readonly totalCount: number | null;
}

/** Which part of a list. */
export interface PageRequest {
  /** How many at most. */
  readonly first?: number | undefined;
  /** The `endCursor` of the page before. */
  readonly after?: string | null | undefined;
}

/** How one call is made. */
export interface CallOptions {
  /** Ends the call with its reason. Whether a mutation was accepted then is unknown. */
  readonly signal?: AbortSignal | undefined;
}

/** How a list is read to its end: `pageSize` is how many are asked for at once, default 100 (of referrals 90). */
export interface EachOptions extends CallOptions {
  readonly pageSize?: number | undefined;
}

const USUAL_PAGE_SIZE = 100;
/** As many as the gateway gets with one call upstream, with some room for what went or came before the page. */
export const REFERRALS_PAGE_SIZE = 90;

/** Every node of a list, page after page as they are read; nothing when there is no such list. */
export async function* eachNode<Node>(
  read: (page: PageRequest, call: CallOptions) => Promise<Page<Node> | undefined>,
  { pageSize = USUAL_PAGE_SIZE, signal }: EachOptions = {},
): AsyncGenerator<Node, void, undefined> {
  let after: string | undefined;
  do {
    const page = await read({ first: pageSize, after }, { signal });
    yield* page?.nodes ?? [];
    after = page?.pageInfo.hasNextPage ? (page.pageInfo.endCursor ?? undefined) : undefined;
  } while (after !== undefined);
}
