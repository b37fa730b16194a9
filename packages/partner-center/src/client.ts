import type { ETag, Referral, ReferralPatch } from "@patchlane/referral-patch";
import type { CallOptions, CallTrace } from "./call.ts";
import type { CallObserver } from "./call-observer.ts";
import type { RateBudget } from "./rate-budget.ts";
import type { AccessTokenProvider } from "./tokens/access-token-provider.ts";

/** Settings of {@link createPartnerCenterClient}. */
export interface PartnerCenterClientOptions {
  /** For example `https://api.partner.microsoft.com/v1.0`. `http:` only for a loopback host. */
  baseUrl: string;
  tokens: AccessTokenProvider;
  budget: RateBudget;
  /** Told of every HTTP call, for metrics and traces. Default: none. */
  observers?: readonly CallObserver[];
  /** Total time of one call in milliseconds: connect, headers, body. Default 30000. */
  timeoutMs?: number;
  /** Largest accepted answer in bytes. Default 4 MiB for one referral, 16 MiB for a list page. */
  maxResponseBytes?: number;
  /** Most sockets open at a time. Default 64. */
  connections?: number;
  /** Makes the GUIDs of `client-request-id` and `request-id`. Default `crypto.randomUUID`. */
  newId?: () => string;
  /** Wall clock in milliseconds, for `Retry-After` dates. Default `Date.now`. */
  now?: () => number;
}

/** One referral as read. */
export interface ReferralRead {
  referral: Referral;
  /** From the `ETag` header, else the body's `eTag`; `undefined` when the upstream gave neither. */
  etag: ETag | undefined;
  call: CallTrace;
}

/** OData options of a list; each is sent only when given. */
export interface ListQuery {
  /** `$select`: property names. `id` and `status` are added: without them an item is no readable referral. */
  select?: readonly string[];
  /** `$filter`, sent as written. */
  filter?: string;
  /** `$orderby`: `createdDateTime` or `updatedDateTime`, with `asc` or `desc`. */
  orderBy?: string;
  /** `$top`: page size asked for. The vendor documents 100 items a page. */
  top?: number;
  /** `$skip`. */
  skip?: number;
  /** `$count`: ask for the total. */
  count?: boolean;
  /** Resume from a page's `nextLink`; the other options are then ignored, the link has them. */
  nextLink?: string;
  /** Stop with an error after this many pages. Default 10000 (a million referrals). */
  maxPages?: number;
}

/** One page of a list. */
export interface ReferralPage {
  referrals: Referral[];
  /** Items that are no readable referral (no id or status). They are left out of `referrals`. */
  unreadableCount: number;
  /** Total over all pages, when `count` was asked for and answered. */
  count: number | undefined;
  /** Where the next page is; `undefined` on the last. Only ever on the configured origin and base path. */
  nextLink: string | undefined;
  call: CallTrace;
}

/** One update. */
export interface PatchInput {
  /** Checked with `parseReferralId` before it gets near a URL. */
  id: string;
  patch: ReferralPatch;
  /** Sent as `If-Match`, quotes kept. Without it the last write wins. */
  ifMatch?: string;
  /** Sent as `request-id`: the same value on a retry after a lost answer, a new one otherwise. */
  requestId: string;
  /** Sent as `client-request-id`: new for every call. Default: a new one. */
  clientRequestId?: string;
}

/** An update that was applied. */
export interface PatchAnswer {
  /** The updated referral; `undefined` when the upstream sent none or it could not be read. It was applied all the same. */
  referral: Referral | undefined;
  /** The new ETag, if the answer told it. */
  etag: ETag | undefined;
  call: CallTrace;
}

/**
 * The referrals API. Every method makes one attempt per HTTP call, never sleeps and never retries.
 * Failures are `PartnerCenterError`, `TokenUnavailableError` or `CallAbortedError`.
 */
export interface PartnerCenterClient {
  /** `GET /engagements/referrals/{id}` */
  getReferral(id: string, options?: CallOptions): Promise<ReferralRead>;
  /** `GET /engagements/referrals`, page by page; every page is one budgeted call, made when it is asked for. */
  listReferrals(query?: ListQuery, options?: CallOptions): AsyncIterable<ReferralPage>;
  /** `PATCH /engagements/referrals/{id}`. Resolves once the upstream said it is applied, whatever became of the body. */
  patchReferral(input: PatchInput, options?: CallOptions): Promise<PatchAnswer>;
  /** Waits for calls in flight and closes the sockets. Calls made later fail. */
  close(): Promise<void>;
}
