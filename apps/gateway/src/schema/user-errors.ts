import type { ReferralState } from "@patchlane/referral-patch";
import type { InputIssue } from "../submit/parse-request.ts";
import { builder } from "./builder.ts";
import { ReferralStateType } from "./referral-vocabulary.ts";

/** An error member of a result union: nothing was accepted. `kind` tells them apart. */
export type UserError =
  | {
      readonly kind: "invalidInput";
      readonly message: string;
      readonly issues: readonly InputIssue[];
    }
  | {
      readonly kind: "invalidTransition";
      readonly message: string;
      readonly from: ReferralState | undefined;
      readonly to: ReferralState;
      readonly allowed: readonly ReferralState[];
    }
  | { readonly kind: "referralNotFound"; readonly message: string; readonly referralId: string }
  | {
      readonly kind: "idempotencyMismatch";
      readonly message: string;
      readonly idempotencyKey: string;
    }
  | { readonly kind: "notFound"; readonly message: string; readonly id: string }
  | {
      readonly kind: "serviceUnavailable";
      readonly message: string;
      readonly retryAfterMs: number;
    };

/** An issue as part of an error's message. */
export function asText({ path, message }: InputIssue): string {
  return path === "" ? message : `${path}: ${message}`;
}

type Of<Kind extends UserError["kind"]> = Extract<UserError, { kind: Kind }>;

const UserErrorInterface = builder.interfaceRef<UserError>("UserError").implement({
  description: "An error member of a result union: nothing was accepted.",
  fields: (t) => ({ message: t.exposeString("message", { nullable: false }) }),
});

const InputIssueType = builder.objectRef<InputIssue>("InputIssue").implement({
  fields: (t) => ({
    code: t.exposeString("code", { nullable: false }),
    path: t.exposeString("path", {
      nullable: false,
      description: "JSON Pointer into the mutation's input, e.g. /changes/details/currency.",
    }),
    message: t.exposeString("message", { nullable: false }),
  }),
});

export const InvalidInputErrorType = builder
  .objectRef<Of<"invalidInput">>("InvalidInputError")
  .implement({
    interfaces: [UserErrorInterface],
    fields: (t) => ({
      issues: t.field({
        type: [InputIssueType],
        nullable: false,
        description: "Every issue, not the first.",
        resolve: ({ issues }) => [...issues],
      }),
    }),
  });

export const InvalidTransitionErrorType = builder
  .objectRef<Of<"invalidTransition">>("InvalidTransitionError")
  .implement({
    interfaces: [UserErrorInterface],
    fields: (t) => ({
      from: t.expose("from", { type: ReferralStateType }),
      to: t.expose("to", { type: ReferralStateType, nullable: false }),
      allowed: t.field({
        type: [ReferralStateType],
        nullable: false,
        resolve: ({ allowed }) => [...allowed],
      }),
    }),
  });

export const ReferralNotFoundErrorType = builder
  .objectRef<Of<"referralNotFound">>("ReferralNotFoundError")
  .implement({
    interfaces: [UserErrorInterface],
    fields: (t) => ({ referralId: t.exposeID("referralId", { nullable: false }) }),
  });

export const IdempotencyMismatchErrorType = builder
  .objectRef<Of<"idempotencyMismatch">>("IdempotencyMismatchError")
  .implement({
    interfaces: [UserErrorInterface],
    fields: (t) => ({ idempotencyKey: t.exposeString("idempotencyKey", { nullable: false }) }),
  });

export const NotFoundErrorType = builder.objectRef<Of<"notFound">>("NotFoundError").implement({
  interfaces: [UserErrorInterface],
  fields: (t) => ({ id: t.exposeID("id", { nullable: false }) }),
});

export const ServiceUnavailableErrorType = builder
  .objectRef<Of<"serviceUnavailable">>("ServiceUnavailableError")
  .implement({
    interfaces: [UserErrorInterface],
    fields: (t) => ({ retryAfterMs: t.exposeInt("retryAfterMs") }),
  });

/** GraphQL type of each kind, for `resolveType` of unions. */
export const userErrorTypes = {
  invalidInput: InvalidInputErrorType,
  invalidTransition: InvalidTransitionErrorType,
  referralNotFound: ReferralNotFoundErrorType,
  idempotencyMismatch: IdempotencyMismatchErrorType,
  notFound: NotFoundErrorType,
  serviceUnavailable: ServiceUnavailableErrorType,
} as const;
