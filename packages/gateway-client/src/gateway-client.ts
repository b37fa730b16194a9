import { downloadResults, type ResultsRequest } from "./bulk-results.ts";
import { type BulkUpload, type BulkUploadResult, uploadBulkUpdate } from "./bulk-upload.ts";
import { endpointsAt } from "./endpoints.ts";
import { execute } from "./execute.ts";
import { isBulkUpdateOver, isUpdateFinal } from "./final-states.ts";
import {
  AllowedTransitions,
  BulkUpdate,
  BulkUpdateChanged,
  type BulkUpdateFieldsFragment,
  BulkUpdateItems,
  type BulkUpdateItemsQueryVariables,
  BulkUpdateReferrals,
  type BulkUpdateReferralsInput,
  type BulkUpdateReferralsMutation,
  BulkUpdates,
  type BulkUpdatesQuery,
  type BulkUpdatesQueryVariables,
  CancelBulkUpdate,
  type CancelBulkUpdateMutation,
  CancelReferralUpdate,
  type CancelReferralUpdateMutation,
  PauseBulkUpdate,
  Queue,
  type QueueQuery,
  type ReferralStatus,
  type ReferralSubstatus,
  ReferralUpdate,
  ReferralUpdateChanged,
  type ReferralUpdateFieldsFragment,
  ResumeBulkUpdate,
  RetryBulkUpdate,
  UpdateReferral,
  type UpdateReferralInput,
  type UpdateReferralMutation,
} from "./generated/operations.ts";
import type { Operation } from "./operation.ts";
import { subscribe, type WatchOptions } from "./subscribe.ts";
import { createTransport, type TransportOptions } from "./transport.ts";

export interface GatewayClientOptions extends TransportOptions {
  /** Where the gateway is, with or without `/graphql` at the end. */
  readonly url: string;
  /** Ends queries and mutations that are under way, with its reason. Watches, uploads and downloads take one of their own. */
  readonly signal?: AbortSignal | undefined;
}

export type UpdateReferralResult = UpdateReferralMutation["updateReferral"];
export type CancelReferralUpdateResult = CancelReferralUpdateMutation["cancelReferralUpdate"];
export type BulkUpdateReferralsResult = BulkUpdateReferralsMutation["bulkUpdateReferrals"];
/** What pausing, resuming, cancelling or retrying a bulk update answers. */
export type BulkUpdateActionResult = CancelBulkUpdateMutation["cancelBulkUpdate"];
export type BulkUpdatePage = BulkUpdatesQuery["bulkUpdates"];
export type QueueStatus = QueueQuery["queue"];

/** Rows of a bulk update, in row order. */
export interface ItemPage {
  readonly nodes: readonly ReferralUpdateFieldsFragment[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly totalCount: number | null;
}

/**
 * A Patchlane gateway. What the gateway refuses is answered as a value: look at `__typename`. Everything else that goes wrong is
 * thrown as a GatewayError.
 */
export interface GatewayClient {
  updateReferral(input: UpdateReferralInput): Promise<UpdateReferralResult>;
  cancelReferralUpdate(id: string): Promise<CancelReferralUpdateResult>;
  referralUpdate(id: string): Promise<ReferralUpdateFieldsFragment | undefined>;
  /** The update now and after every change, until it is final. */
  watchReferralUpdate(
    id: string,
    options?: WatchOptions,
  ): AsyncGenerator<ReferralUpdateFieldsFragment, void, undefined>;
  /** Up to 1000 items; more go through {@link GatewayClient.uploadBulkUpdate}. */
  bulkUpdateReferrals(input: BulkUpdateReferralsInput): Promise<BulkUpdateReferralsResult>;
  uploadBulkUpdate(upload: BulkUpload): Promise<BulkUploadResult>;
  bulkUpdate(id: string): Promise<BulkUpdateFieldsFragment | undefined>;
  /** Newest first. */
  bulkUpdates(page?: BulkUpdatesQueryVariables): Promise<BulkUpdatePage>;
  /** undefined when there is no such bulk update. */
  bulkUpdateItems(page: BulkUpdateItemsQueryVariables): Promise<ItemPage | undefined>;
  /** The bulk update now and after every change (at most a few a second), until it is over. */
  watchBulkUpdate(
    id: string,
    options?: WatchOptions,
  ): AsyncGenerator<BulkUpdateFieldsFragment, void, undefined>;
  pauseBulkUpdate(id: string): Promise<BulkUpdateActionResult>;
  resumeBulkUpdate(id: string): Promise<BulkUpdateActionResult>;
  cancelBulkUpdate(id: string): Promise<BulkUpdateActionResult>;
  /** Only its FAILED rows, in place. */
  retryBulkUpdate(id: string): Promise<BulkUpdateActionResult>;
  /** Every row as it came in, with what became of it; undefined when there is no such bulk update. */
  bulkUpdateResults(
    id: string,
    request?: ResultsRequest,
  ): Promise<AsyncIterable<Uint8Array> | undefined>;
  queue(): Promise<QueueStatus>;
  allowedTransitions(
    status: ReferralStatus,
    substatus?: ReferralSubstatus,
  ): Promise<readonly { readonly status: ReferralStatus; readonly substatus: ReferralSubstatus }[]>;
}

/** Throws TypeError when the url is none. Nothing is sent before the first call; there is nothing to close. */
export function createGatewayClient(options: GatewayClientOptions): GatewayClient {
  const endpoints = endpointsAt(options.url);
  const transport = createTransport(options);
  const ask = <Data, Variables>(
    operation: Operation<Data, Variables>,
    variables: Variables,
  ): Promise<Data> => execute(transport, endpoints.graphql, operation, variables, options.signal);

  return {
    updateReferral: async (input) => (await ask(UpdateReferral, { input })).updateReferral,
    cancelReferralUpdate: async (id) =>
      (await ask(CancelReferralUpdate, { id })).cancelReferralUpdate,
    referralUpdate: async (id) => (await ask(ReferralUpdate, { id })).referralUpdate ?? undefined,
    watchReferralUpdate: async function* (id, watch) {
      for await (const { referralUpdateChanged } of subscribe(
        transport,
        endpoints.graphql,
        ReferralUpdateChanged,
        { id },
        (data) => isUpdateFinal(data.referralUpdateChanged),
        watch,
      )) {
        yield referralUpdateChanged;
      }
    },
    bulkUpdateReferrals: async (input) =>
      (await ask(BulkUpdateReferrals, { input })).bulkUpdateReferrals,
    uploadBulkUpdate: (upload) => uploadBulkUpdate(transport, endpoints, upload),
    bulkUpdate: async (id) => (await ask(BulkUpdate, { id })).bulkUpdate ?? undefined,
    bulkUpdates: async (page = {}) => (await ask(BulkUpdates, page)).bulkUpdates,
    bulkUpdateItems: async (page) => (await ask(BulkUpdateItems, page)).bulkUpdate?.items,
    watchBulkUpdate: async function* (id, watch) {
      for await (const { bulkUpdateChanged } of subscribe(
        transport,
        endpoints.graphql,
        BulkUpdateChanged,
        { id },
        (data) => isBulkUpdateOver(data.bulkUpdateChanged),
        watch,
      )) {
        yield bulkUpdateChanged;
      }
    },
    pauseBulkUpdate: async (id) => (await ask(PauseBulkUpdate, { id })).pauseBulkUpdate,
    resumeBulkUpdate: async (id) => (await ask(ResumeBulkUpdate, { id })).resumeBulkUpdate,
    cancelBulkUpdate: async (id) => (await ask(CancelBulkUpdate, { id })).cancelBulkUpdate,
    retryBulkUpdate: async (id) => (await ask(RetryBulkUpdate, { id })).retryBulkUpdate,
    bulkUpdateResults: (id, request) => downloadResults(transport, endpoints, id, request),
    queue: async () => (await ask(Queue, {})).queue,
    allowedTransitions: async (status, substatus) =>
      (await ask(AllowedTransitions, { status, ...(substatus === undefined ? {} : { substatus }) }))
        .allowedTransitions,
  };
}
