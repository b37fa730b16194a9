import type { IncomingMessage, ServerResponse } from "node:http";
import type { Caller, Role } from "../sign-in/caller.ts";
import type { SignIn } from "../sign-in/sign-in.ts";
import type { SignInProblem } from "../sign-in/sign-in-problem.ts";

/** Who and what a request is. */
export interface RequestContext {
  readonly caller: Caller;
  /** Stands in the answer's `x-request-id`, in the log and in internal errors. */
  readonly requestId: string;
}

/** Answers a request. Rejects when there is nobody left to be answered. */
export type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  context: RequestContext,
) => Promise<void>;

/** The same where nobody has to sign in. */
export type OpenHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  context: Pick<RequestContext, "requestId">,
) => Promise<void>;

/** Answers a request whose sender may not do this. */
export type UnsignedHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  context: { readonly requestId: string; readonly problem: SignInProblem },
) => Promise<void>;

/** One thing the gateway serves. */
export type Route = {
  /** Bounded: stands in metrics in place of the path. */
  readonly name: string;
  readonly matches: (path: string, request: IncomingMessage) => boolean;
  /** Which requests are somebody opening it in a browser; default none. A foreign page may link there. */
  readonly isPage?: (request: IncomingMessage) => boolean;
  /** How a refusal looks; default `{"error":{"code","message"}}`. */
  readonly refusal?: (code: string, message: string) => unknown;
} & (
  | {
      readonly access: Role;
      readonly serve: Handler;
      /** In place of the usual one; for a page, which cannot send a header. */
      readonly signIn?: SignIn;
      /** Takes over from the usual 401, 403 or 503; for a page that lets one sign in. */
      readonly serveUnsigned?: UnsignedHandler;
    }
  | { readonly access: "open"; readonly serve: OpenHandler }
);

/** A route of one path. */
export function at(path: string): (path: string) => boolean {
  return (asked) => asked === path;
}
