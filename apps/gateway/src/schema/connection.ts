import type { ReferralUpdate } from "@patchlane/update-queue";
import type { ObjectRef } from "@pothos/core";
import { callerError } from "../errors.ts";
import type { VisibleSlice } from "../visible-updates.ts";
import { builder } from "./builder.ts";
import { ReferralUpdateType } from "./referral-update.ts";

type Types = typeof builder.$inferSchemaTypes;

export interface PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}

const PageInfoType = builder.objectRef<PageInfo>("PageInfo").implement({
  fields: (t) => ({
    hasNextPage: t.exposeBoolean("hasNextPage", { nullable: false }),
    hasPreviousPage: t.exposeBoolean("hasPreviousPage", { nullable: false }),
    startCursor: t.exposeString("startCursor"),
    endCursor: t.exposeString("endCursor"),
  }),
});

export interface Edge<Node> {
  readonly cursor: string;
  readonly node: Node;
}

/** A page of a list. */
export interface Connection<Node> {
  readonly edges: readonly Edge<Node>[];
  readonly pageInfo: PageInfo;
  /** undefined = not counted. */
  readonly totalCount: number | undefined;
}

/** The types `<name>Connection` and `<name>Edge` around a node type, which is asked for late: types lead in circles. */
export function connectionType<Node>(
  name: string,
  typeOf: () => ObjectRef<Types, Node>,
  aboutTotalCount?: string,
): ObjectRef<Types, Connection<Node>> {
  const edgeType = builder.objectRef<Edge<Node>>(`${name}Edge`);
  edgeType.implement({
    fields: (t) => ({
      cursor: t.exposeString("cursor", { nullable: false }),
      node: t.field({ type: typeOf(), nullable: false, resolve: ({ node }) => node as never }),
    }),
  });
  return builder.objectRef<Connection<Node>>(`${name}Connection`).implement({
    fields: (t) => ({
      edges: t.field({ type: [edgeType], nullable: false, resolve: ({ edges }) => [...edges] }),
      nodes: t.field({
        type: [typeOf()],
        nullable: false,
        resolve: ({ edges }) => edges.map(({ node }) => node) as never,
      }),
      pageInfo: t.expose("pageInfo", { type: PageInfoType, nullable: false }),
      totalCount: t.int({
        ...(aboutTotalCount === undefined ? {} : { description: aboutTotalCount }),
        resolve: ({ totalCount }) => totalCount,
      }),
    }),
  });
}

/** What was read for a page, as a connection. */
export function connectionOf<Node>(
  nodes: readonly Node[],
  cursorOf: (node: Node) => string,
  page: {
    readonly hasMore: boolean;
    /** The cursor it was asked to come after. */
    readonly after: string | null | undefined;
    readonly totalCount?: number | undefined;
    /** What the next page comes after, where that is not the last node: what was looked at may go on behind it. */
    readonly goesOnAfter?: string | undefined;
  },
): Connection<Node> {
  const edges = nodes.map((node) => ({ cursor: cursorOf(node), node }));
  return {
    edges,
    totalCount: page.totalCount,
    pageInfo: {
      hasNextPage: page.hasMore,
      hasPreviousPage: page.after != null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: page.goesOnAfter ?? edges.at(-1)?.cursor ?? null,
    },
  };
}

export const ReferralUpdateConnectionType = connectionType(
  "ReferralUpdate",
  () => ReferralUpdateType,
);

/** A page as a connection; an update's id is its cursor, stable whatever is accepted meanwhile. */
export function toConnection(
  slice: VisibleSlice<ReferralUpdate>,
  after: string | undefined,
): Connection<ReferralUpdate> {
  return connectionOf(slice.nodes, ({ id }) => id, { ...slice, after });
}

/** Nodes answered when the caller does not say how many. */
export const DEFAULT_FIRST = 20;
/** Most nodes answered at once. */
const MOST_NODES = 100;

/** How many nodes are asked for. Throws an error for the caller when it is out of bounds. */
export function checkFirst(wanted: number | null | undefined, most = MOST_NODES): number {
  const first = wanted ?? DEFAULT_FIRST;
  if (first < 0 || first > most) {
    throw callerError("BAD_USER_INPUT", `first must be 0 to ${most}`);
  }
  return first;
}
