import { downloadResults, type ResultsRequest } from "./bulk-results.ts";
import { type BulkUpload, type BulkUploadResult, uploadBulkUpdate } from "./bulk-upload.ts";
import { endpointsAt } from "./endpoints.ts";
import { execute } from "./execute.ts";
import { isBulkUpdateOver, isUpdateFinal } from "./final-states.ts";
import {
  AllowedTransitions,
  type AuditEntryFieldsFragment,
  AuditTrail,
  BulkUpdate,
  BulkUpdateChanged,
  type BulkUpdateFieldsFragment,
  BulkUpdateItems,
  BulkUpdateReferrals,
  type BulkUpdateReferralsInput,
  type BulkUpdateReferralsMutation,
  BulkUpdates,
  CancelBulkUpdate,
  type CancelBulkUpdateMutation,
  CancelReferralUpdate,
  type CancelReferralUpdateMutation,
  PauseBulkUpdate,
  Queue,
  type QueueQuery,
  Referral,
  type ReferralFieldsFragment,
  type ReferralQuery,
  type ReferralStatus,
  type ReferralSubstatus,
  Referrals,
  ReferralUpdate,
  ReferralUpdateChanged,
  type ReferralUpdateFieldsFragment,
  ReferralUpdates,
  ResumeBulkUpdate,
  RetryBulkUpdate,
  UpdateReferral,
  type UpdateReferralInput,
  type UpdateReferralMutation,
  type UpdateState,
} from "./generated/operations.ts";
import type { Operation } from "./operation.ts";
import {
  type CallOptions,
  type EachOptions,
  eachNode,
  type Page,
  type PageRequest,
  REFERRALS_PAGE_SIZE,
} from "./page.ts";
import { repeated, USUAL_TRIES } from "./repeat.ts";
import { subscribe, type WatchOptions } from "./subscribe.ts";
import { createTransport, type TransportOptions } from "./transport.ts";

export interface GatewayClientOptions extends TransportOptions {
  /** Where the gateway is, with or without `/graphql` at the end. */
  readonly url: string;
  /** Ends queries and mutations that are under way, with its reason. Watches, uploads and downloads take one of their own. */
  readonly signal?: AbortSignal | undefined;
  /**
   * How often `updateReferral` and `bulkUpdateReferrals` are sent, in all, when their answer is lost and the input has an
   * idempotency key; default 3, 1 for never again. Without a key they are sent once, whatever this says.
   */
  readonly mutationTries?: number | undefined;
}

export type UpdateReferralResult = UpdateReferralMutation["updateReferral"];
export type CancelReferralUpdateResult = CancelReferralUpdateMutation["cancelReferralUpdate"];
export type BulkUpdateReferralsResult = BulkUpdateReferralsMutation["bulkUpdateReferrals"];
/** What pausing, resuming, cancelling or retrying a bulk update answers. */
export type BulkUpdateActionResult = CancelBulkUpdateMutation["cancelBulkUpdate"];
export type QueueStatus = QueueQuery["queue"];
/** A referral with everything there is of it: the upstream's own document, and where its status may go. */
export type WholeReferral = NonNullable<ReferralQuery["referral"]>;

export type ReferralPage = Page<ReferralFieldsFragment>;
export type BulkUpdatePage = Page<BulkUpdateFieldsFragment>;
export type UpdatePage = Page<ReferralUpdateFieldsFragment>;
export type AuditPage = Page<AuditEntryFieldsFragment>;

/** Which referrals, and in what order. A cursor belongs to the list it came from: ask for the next page with the same. */
export interface ReferralsRequest {
  readonly status?: ReferralStatus | undefined;
  /** Such as `qualification eq 'SalesQualified' and customerProfile/address/country eq 'US'`. */
  readonly filter?: string | undefined;
  /** createdDateTime (default) or updatedDateTime, then asc (default) or desc. */
  readonly orderBy?: string | undefined;
}

/** Which rows of a bulk update. */
export interface ItemsRequest {
  readonly id: string;
  /** Only rows that are in this state now. */
  readonly state?: UpdateState | undefined;
}

/**
 * A Patchlane gateway. What the gateway refuses is answered as a value: look at `__typename`. Everything else that goes wrong is
 * thrown as a GatewayError. What is not there, or is somebody else's, is undefined. `each…` reads a list to its end, page after page.
 */
export interface GatewayClient {
  updateReferral(input: UpdateReferralInput, call?: CallOptions): Promise<UpdateReferralResult>;
  /** Only while it is QUEUED. */
  cancelReferralUpdate(id: string, call?: CallOptions): Promise<CancelReferralUpdateResult>;
  referralUpdate(id: string, call?: CallOptions): Promise<ReferralUpdateFieldsFragment | undefined>;
  /** The update now and after every change, until it is final. */
  watchReferralUpdate(
    id: string,
    options?: WatchOptions,
  ): AsyncGenerator<ReferralUpdateFieldsFragment, void, undefined>;

  /** Read upstream, now. */
  referral(id: string, call?: CallOptions): Promise<WholeReferral | undefined>;
  /** Read upstream, now; at most 100 at once. */
  referrals(request?: ReferralsRequest & PageRequest, call?: CallOptions): Promise<ReferralPage>;
  eachReferral(
    request?: ReferralsRequest,
    options?: EachOptions,
  ): AsyncGenerator<ReferralFieldsFragment, void, undefined>;
  /** Newest first; undefined when there is no such referral. */
  referralUpdates(
    referralId: string,
    page?: PageRequest,
    call?: CallOptions,
  ): Promise<UpdatePage | undefined>;
  eachReferralUpdate(
    referralId: string,
    options?: EachOptions,
  ): AsyncGenerator<ReferralUpdateFieldsFragment, void, undefined>;
  allowedTransitions(
    status: ReferralStatus,
    substatus?: ReferralSubstatus,
    call?: CallOptions,
  ): Promise<readonly { readonly status: ReferralStatus; readonly substatus: ReferralSubstatus }[]>;

  /** Updates that became final, of everybody or of one referral; newest first. */
  auditTrail(
    request?: { readonly referralId?: string | undefined } & PageRequest,
    call?: CallOptions,
  ): Promise<AuditPage>;
  eachAuditEntry(
    request?: { readonly referralId?: string | undefined },
    options?: EachOptions,
  ): AsyncGenerator<AuditEntryFieldsFragment, void, undefined>;

  /** Up to 1000 items; more go through {@link GatewayClient.uploadBulkUpdate}. */
  bulkUpdateReferrals(
    input: BulkUpdateReferralsInput,
    call?: CallOptions,
  ): Promise<BulkUpdateReferralsResult>;
  uploadBulkUpdate(upload: BulkUpload): Promise<BulkUploadResult>;
  bulkUpdate(id: string, call?: CallOptions): Promise<BulkUpdateFieldsFragment | undefined>;
  /** Newest first. */
  bulkUpdates(page?: PageRequest, call?: CallOptions): Promise<BulkUpdatePage>;
  eachBulkUpdate(options?: EachOptions): AsyncGenerator<BulkUpdateFieldsFragment, void, undefined>;
  /** Rows, in row order; undefined when there is no such bulk update. */
  bulkUpdateItems(
    request: ItemsRequest & PageRequest,
    call?: CallOptions,
  ): Promise<UpdatePage | undefined>;
  eachBulkUpdateItem(
    request: ItemsRequest,
    options?: EachOptions,
  ): AsyncGenerator<ReferralUpdateFieldsFragment, void, undefined>;
  /** The bulk update now and after every change (at most a few a second), until it is over. */
  watchBulkUpdate(
    id: string,
    options?: WatchOptions,
  ): AsyncGenerator<BulkUpdateFieldsFragment, void, undefined>;
  pauseBulkUpdate(id: string, call?: CallOptions): Promise<BulkUpdateActionResult>;
  resumeBulkUpdate(id: string, call?: CallOptions): Promise<BulkUpdateActionResult>;
  cancelBulkUpdate(id: string, call?: CallOptions): Promise<BulkUpdateActionResult>;
  /** Only its FAILED rows, in place. */
  retryBulkUpdate(id: string, call?: CallOptions): Promise<BulkUpdateActionResult>;
  /** Every row as it came in, with what became of it; undefined when there is no such bulk update. */
  bulkUpdateResults(
    id: string,
    request?: ResultsRequest,
  ): Promise<AsyncIterable<Uint8Array> | undefined>;

  queue(call?: CallOptions): Promise<QueueStatus>;
}

/** Throws TypeError when the url is none. Nothing is sent before the first call; there is nothing to close. */
export function createGatewayClient(options: GatewayClientOptions): GatewayClient {
  const endpoints = endpointsAt(options.url);
  const transport = createTransport(options);
  const place = {
    transport,
    url: endpoints.graphql,
    canRenewToken: typeof options.token === "function",
  };
  const ask = <Data, Variables>(
    operation: Operation<Data, Variables>,
    variables: Variables,
    call: CallOptions | undefined,
  ): Promise<Data> =>
    execute(
      transport,
      endpoints.graphql,
      operation,
      variables,
      eitherOf(options.signal, call?.signal),
    );
  const mutate = <
    Data,
    Variables extends { readonly input: { readonly idempotencyKey?: unknown } },
  >(
    operation: Operation<Data, Variables>,
    variables: Variables,
    call: CallOptions | undefined,
  ): Promise<Data> => {
    const hasKey = typeof variables.input.idempotencyKey === "string";
    return repeated(() => ask(operation, variables, call), {
      tries: hasKey ? (options.mutationTries ?? USUAL_TRIES) : 1,
      signal: eitherOf(options.signal, call?.signal),
    });
  };

  const client: GatewayClient = {
    updateReferral: async (input, call) =>
      (await mutate(UpdateReferral, { input }, call)).updateReferral,
    cancelReferralUpdate: async (id, call) =>
      (await ask(CancelReferralUpdate, { id }, call)).cancelReferralUpdate,
    referralUpdate: async (id, call) =>
      (await ask(ReferralUpdate, { id }, call)).referralUpdate ?? undefined,
    watchReferralUpdate: async function* (id, watch) {
      const isOver = (data: { referralUpdateChanged: ReferralUpdateFieldsFragment }): boolean =>
        isUpdateFinal(data.referralUpdateChanged);
      for await (const data of subscribe(place, ReferralUpdateChanged, { id }, isOver, watch)) {
        yield data.referralUpdateChanged;
      }
    },

    referral: async (id, call) => (await ask(Referral, { id }, call)).referral ?? undefined,
    referrals: async (request, call) => (await ask(Referrals, { ...request }, call)).referrals,
    eachReferral: (request, each) =>
      eachNode((page, call) => client.referrals({ ...request, ...page }, call), {
        ...each,
        pageSize: each?.pageSize ?? REFERRALS_PAGE_SIZE,
      }),
    referralUpdates: async (referralId, page, call) =>
      (await ask(ReferralUpdates, { ...page, referralId }, call)).referral?.updates,
    eachReferralUpdate: (referralId, each) =>
      eachNode((page, call) => client.referralUpdates(referralId, page, call), each),
    allowedTransitions: async (status, substatus, call) =>
      (await ask(AllowedTransitions, { status, substatus }, call)).allowedTransitions,

    auditTrail: async (request, call) => (await ask(AuditTrail, { ...request }, call)).auditTrail,
    eachAuditEntry: (request, each) =>
      eachNode((page, call) => client.auditTrail({ ...request, ...page }, call), each),

    bulkUpdateReferrals: async (input, call) =>
      (await mutate(BulkUpdateReferrals, { input }, call)).bulkUpdateReferrals,
    uploadBulkUpdate: (upload) => uploadBulkUpdate(transport, endpoints, upload),
    bulkUpdate: async (id, call) => (await ask(BulkUpdate, { id }, call)).bulkUpdate ?? undefined,
    bulkUpdates: async (page, call) => (await ask(BulkUpdates, { ...page }, call)).bulkUpdates,
    eachBulkUpdate: (each) => eachNode(client.bulkUpdates, each),
    bulkUpdateItems: async (request, call) =>
      (await ask(BulkUpdateItems, request, call)).bulkUpdate?.items,
    eachBulkUpdateItem: (request, each) =>
      eachNode((page, call) => client.bulkUpdateItems({ ...request, ...page }, call), each),
    watchBulkUpdate: async function* (id, watch) {
      const isOver = (data: { bulkUpdateChanged: BulkUpdateFieldsFragment }): boolean =>
        isBulkUpdateOver(data.bulkUpdateChanged);
      for await (const data of subscribe(place, BulkUpdateChanged, { id }, isOver, watch)) {
        yield data.bulkUpdateChanged;
      }
    },
    pauseBulkUpdate: async (id, call) => (await ask(PauseBulkUpdate, { id }, call)).pauseBulkUpdate,
    resumeBulkUpdate: async (id, call) =>
      (await ask(ResumeBulkUpdate, { id }, call)).resumeBulkUpdate,
    cancelBulkUpdate: async (id, call) =>
      (await ask(CancelBulkUpdate, { id }, call)).cancelBulkUpdate,
    retryBulkUpdate: async (id, call) => (await ask(RetryBulkUpdate, { id }, call)).retryBulkUpdate,
    bulkUpdateResults: (id, request) => downloadResults(transport, endpoints, id, request),

    queue: async (call) => (await ask(Queue, {}, call)).queue,
  };
  return client;
}

function eitherOf(
  one: AbortSignal | undefined,
  other: AbortSignal | undefined,
): AbortSignal | undefined {
  return one === undefined || other === undefined ? (one ?? other) : AbortSignal.any([one, other]);
}
